package dev.drydock.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A real kube-apiserver over a real etcd, with RBAC and an audit log, in a directory of its own.
 *
 * <p>There is no controller manager: no CronJob makes a Job here, and nothing collects garbage. The
 * processes end with {@link #close()} and with the JVM; their output is in {@code
 * target/api-server-<port>/}.
 */
public final class ApiServer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final AtomicInteger NAMESPACES = new AtomicInteger();

  /** Writes of Drydock's own kinds, their status, and events. */
  private static final String AUDIT_POLICY =
      """
      apiVersion: audit.k8s.io/v1
      kind: Policy
      omitStages: [RequestReceived]
      rules:
      - level: Metadata
        verbs: [create, update, patch, delete, deletecollection]
        resources:
        - {group: drydock.dev}
        - {group: "", resources: [events]}
        - {group: events.k8s.io}
      - level: None
      """;

  private final Path directory;
  private final Path repository;
  private final int etcdPort;
  private final int etcdPeerPort;
  private final int port;
  private final String token;
  private final Thread onExit = new Thread(this::kill, "kill-api-server");
  private @Nullable Process etcd;
  private @Nullable Process server;
  private @Nullable KubernetesClient client;

  private ApiServer(String rules) throws IOException, GeneralSecurityException {
    this.repository = repository();
    this.etcdPort = freePort();
    this.etcdPeerPort = freePort();
    this.port = freePort();
    this.directory = Path.of("target", "api-server-" + port).toAbsolutePath();
    this.token = random();
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("tokens.csv"), token + ",admin,admin,system:masters\n");
    Files.writeString(
        directory.resolve("audit-policy.yaml"), AUDIT_POLICY.replace("rules:", "rules:\n" + rules));
    Files.writeString(directory.resolve("service-accounts.key"), privateKey());
  }

  /** Starts one and waits until it is ready. */
  public static ApiServer start() {
    return start("");
  }

  /**
   * Starts one whose audit log has more in it.
   *
   * @param rules of the audit policy, one a line
   */
  public static ApiServer start(String rules) {
    ApiServer started = null;
    try {
      started = new ApiServer(rules);
      Runtime.getRuntime().addShutdownHook(started.onExit);
      started.startEtcd();
      started.startServer();
      return started;
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      if (started != null) {
        started.close();
      }
      throw new IllegalStateException("the API server for tests did not start: " + e, e);
    }
  }

  /** The administrator's client; it is closed with the server. */
  public synchronized KubernetesClient client() {
    KubernetesClient open = client;
    if (open == null) {
      open = new KubernetesClientBuilder().withConfig(config()).build();
      client = open;
    }
    return open;
  }

  /** The administrator's access, to build clients with other settings from. */
  public Config config() {
    return new ConfigBuilder(Config.empty())
        .withMasterUrl(url())
        .withCaCertFile(certificate().toString())
        .withOauthToken(token)
        .withRequestRetryBackoffLimit(0)
        .build();
  }

  public String url() {
    return "https://127.0.0.1:" + port + "/";
  }

  /** The administrator's access as a kubeconfig file, for kubectl and other programs. */
  public Path kubeconfig() {
    Path file = directory.resolve("kubeconfig");
    try {
      return Files.writeString(
          file,
          """
          apiVersion: v1
          kind: Config
          current-context: test
          clusters: [{name: test, cluster: {server: "%s", certificate-authority: "%s"}}]
          users: [{name: admin, user: {token: "%s"}}]
          contexts: [{name: test, context: {cluster: test, user: admin}}]
          """
              .formatted(url(), certificate(), token));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Applies every CRD of the repository, and waits until all are served. */
  public void applyCrds() {
    var applied = new ArrayList<CustomResourceDefinition>();
    try (Stream<Path> files = Files.list(repository.resolve("crds"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".drydock.dev.yaml")).toList()) {
        var crd = Serialization.unmarshal(Files.readString(file), CustomResourceDefinition.class);
        applied.add(client().resource(crd).forceConflicts().serverSideApply());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (CustomResourceDefinition crd : applied) {
      client()
          .resource(crd)
          .waitUntilCondition(
              now ->
                  now != null
                      && now.getStatus() != null
                      && now.getStatus().getConditions().stream()
                          .anyMatch(
                              condition ->
                                  condition.getType().equals("Established")
                                      && condition.getStatus().equals("True")),
              PATIENCE.toSeconds(),
              TimeUnit.SECONDS);
      // Established comes a moment before the last of the API server's handlers knows it.
      await(
          "the API of " + crd.getMetadata().getName(),
          () -> get("apis/drydock.dev/v1alpha1/" + crd.getSpec().getNames().getPlural()) == 200);
    }
  }

  /** Makes a namespace that no other test uses. */
  public String freshNamespace() {
    String name = "test-" + NAMESPACES.incrementAndGet() + "-" + random().substring(0, 6);
    client()
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    return name;
  }

  /**
   * Every write so far of Drydock's kinds and of events, from the audit log: {@code patch
   * hosts/status test-1/ethbig 200}, in the order of their ends.
   */
  public List<String> writes() {
    var writes = new ArrayList<String>();
    try {
      for (String line : Files.readAllLines(auditLog(), UTF_8)) {
        JsonNode event = JSON.readTree(line);
        JsonNode object = event.path("objectRef");
        String part = object.path("subresource").asText();
        writes.add(
            event.path("verb").asText()
                + (" " + object.path("resource").asText() + (part.isEmpty() ? "" : "/" + part))
                + (" " + object.path("namespace").asText() + "/" + object.path("name").asText())
                + (" " + event.path("responseStatus").path("code").asText()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(writes);
  }

  /** Kills the API server, as a crash would, and starts it again on the same port and data. */
  public void restart() {
    stop();
    resume();
  }

  /** Kills the API server, as a crash would; {@link #resume()} starts it again. */
  public void stop() {
    end(server);
    server = null;
  }

  /** Starts the API server again, on the same port and data. */
  public void resume() {
    try {
      startServer();
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("the API server did not come back: " + e, e);
    }
  }

  /** Kills etcd, as a crash would, and starts it again on the same port and data. */
  public void restartEtcd() {
    end(etcd);
    try {
      startEtcd();
    } catch (IOException e) {
      throw new IllegalStateException("etcd did not come back: " + e, e);
    }
    await("/readyz", () -> get("readyz") == 200);
  }

  /** What was written, one JSON object a line. */
  public Path auditLog() {
    return directory.resolve("audit.log");
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.close();
      client = null;
    }
    kill();
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook runs already.
    }
  }

  private void kill() {
    end(server);
    end(etcd);
    try (Stream<Path> data = Files.walk(directory.resolve("etcd"))) {
      for (Path path : data.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // What is left is in target/.
    }
  }

  private static void end(@Nullable Process process) {
    if (process != null) {
      process.destroyForcibly();
      try {
        process.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void startEtcd() throws IOException {
    String clients = "http://127.0.0.1:" + etcdPort;
    String peers = "http://127.0.0.1:" + etcdPeerPort;
    etcd =
        run(
            "etcd",
            List.of(
                "/usr/bin/etcd",
                "--unsafe-no-fsync",
                "--data-dir=" + directory.resolve("etcd"),
                "--listen-client-urls=" + clients,
                "--advertise-client-urls=" + clients,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers));
  }

  private void startServer() throws IOException, GeneralSecurityException {
    Path keys = directory.resolve("service-accounts.key");
    server =
        run(
            "kube-apiserver",
            List.of(
                binary("kube-apiserver").toString(),
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                // It makes its own certificate here, for 127.0.0.1, and finds it after a restart.
                "--cert-dir=" + directory.resolve("certificates"),
                "--token-auth-file=" + directory.resolve("tokens.csv"),
                "--authorization-mode=RBAC",
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + keys,
                "--service-account-signing-key-file=" + keys,
                "--service-cluster-ip-range=10.0.0.0/24",
                // No token controller runs: a pod could not be created with this plugin.
                "--disable-admission-plugins=ServiceAccount",
                "--endpoint-reconciler-type=none",
                "--audit-policy-file=" + directory.resolve("audit-policy.yaml"),
                "--audit-log-path=" + auditLog(),
                "--audit-log-mode=blocking"));
    await("/readyz", () -> get("readyz") == 200);
  }

  private Process run(String name, List<String> command) throws IOException {
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve(name + ".log").toFile()))
        .start();
  }

  /** The status of a GET by the administrator; 0 where there is no answer. */
  private int get(String path) {
    if (!Files.exists(certificate())) {
      return 0;
    }
    var request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .header("Authorization", "Bearer " + token)
            .timeout(Duration.ofSeconds(10))
            .build();
    try (HttpClient http = HttpClient.newBuilder().sslContext(trust()).build()) {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException | GeneralSecurityException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void await(String what, BooleanSupplier isThere) {
    Instant end = Instant.now().plus(PATIENCE);
    while (!isThere.getAsBoolean()) {
      Process running = server;
      boolean ended = running == null || !running.isAlive();
      if (ended || Instant.now().isAfter(end)) {
        throw new IllegalStateException(
            what
                + (ended ? ": kube-apiserver ended" : ": not there in time")
                + ", see "
                + directory);
      }
      try {
        Thread.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  private Path certificate() {
    return directory.resolve("certificates").resolve("apiserver.crt");
  }

  private SSLContext trust() throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (var pem = Files.newInputStream(certificate())) {
      int count = 0;
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        trusted.setCertificateEntry("server-" + count++, one);
      }
    }
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  /** A program of the cluster, built first where it is missing. */
  public Path binary(String name) throws IOException {
    String given = System.getenv("DRYDOCK_BIN");
    String cache = System.getenv("XDG_CACHE_HOME");
    Path bin =
        given != null && !given.isEmpty()
            ? Path.of(given)
            : (cache != null && !cache.isEmpty()
                    ? Path.of(cache)
                    : Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("drydock")
                .resolve("bin");
    Path binary = bin.resolve(name);
    if (!Files.isExecutable(binary)) {
      Process build =
          run(
              "build-" + name,
              List.of(repository.resolve("e2e/lab/binaries.sh").toString(), bin.toString(), name));
      try {
        if (!build.waitFor(20, TimeUnit.MINUTES) || build.exitValue() != 0) {
          build.destroyForcibly();
          throw new IOException(
              "e2e/lab/binaries.sh could not build " + name + ", see " + directory);
        }
      } catch (InterruptedException e) {
        build.destroyForcibly();
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }
    return binary;
  }

  /** The directory that has crds/, upwards from where the tests run. */
  public static Path repository() {
    for (Path here = Path.of("").toAbsolutePath(); here != null; here = here.getParent()) {
      if (Files.isDirectory(here.resolve("crds"))) {
        return here;
      }
    }
    throw new IllegalStateException(
        "no directory above has crds/: " + Path.of("").toAbsolutePath());
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static String random() {
    byte[] bytes = new byte[16];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String privateKey() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
        + "\n-----END PRIVATE KEY-----\n";
  }
}
