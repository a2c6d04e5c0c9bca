package dev.drydock.app;

import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.drydock.adapter.ssh.Sshd;
import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import dev.drydock.kube.ClusterClient;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** One namespace of a real API server, what people put into it, and operators that watch it. */
final class Cluster {
  private final ApiServer server;
  private final String namespace;

  Cluster(ApiServer server) {
    this.server = server;
    this.namespace = server.freshNamespace();
  }

  String namespace() {
    return namespace;
  }

  KubernetesClient client() {
    return server.client();
  }

  OperatorProcess start() {
    return start("operator", false, () -> {});
  }

  OperatorProcess start(String instance, boolean elect, Runnable lost) {
    return start(ClusterClient.create(server.config()), instance, elect, lost);
  }

  /** Starts one whose clock is ahead. */
  OperatorProcess startAhead(Duration ahead) {
    return start(
        ClusterClient.create(server.config()),
        "operator",
        false,
        () -> {},
        Clock.offset(Clock.systemUTC(), ahead));
  }

  OperatorProcess start(KubernetesClient client, String instance, boolean elect, Runnable lost) {
    return start(client, instance, elect, lost, Clock.systemUTC());
  }

  private OperatorProcess start(
      KubernetesClient client, String instance, boolean elect, Runnable lost, Clock clock) {
    var settings =
        new Settings(
            namespace, instance, Set.of(namespace), elect, "drydock", "Never", List.of(), 0);
    var process = new OperatorProcess(client, settings, clock, lost);
    process.start();
    return process;
  }

  /** Applies YAML in this namespace. */
  void create(String yaml) {
    client().resource(yaml).inNamespace(namespace).create();
  }

  /**
   * Has the API server refuse, in this namespace, what an expression does not hold of, some moments
   * from now.
   *
   * @param name of the binding, whose deletion ends it
   * @param resources a rule of ValidatingAdmissionPolicy
   */
  void deny(String name, String resources, String expression, String message) {
    for (String yaml :
        List.of(
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicy
            metadata: {name: %s}
            spec:
              matchConstraints: {resourceRules: [%s]}
              validations: [{expression: "%s", message: "%s"}]
            """
                .formatted(name, resources, expression, message),
            """
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingAdmissionPolicyBinding
            metadata: {name: %1$s}
            spec:
              policyName: %1$s
              validationActions: [Deny]
              matchResources:
                namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %2$s}}
            """
                .formatted(name, namespace))) {
      client().resource(yaml).create();
    }
  }

  /** One that Drydock has not made. */
  void cronJob(String name, String schedule) {
    create(
        """
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: %s}
        spec:
          schedule: "%s"
          jobTemplate:
            spec:
              template:
                spec: {restartPolicy: Never, containers: [{name: theirs, image: theirs}]}
        """
            .formatted(name, schedule));
  }

  /** Has a pod end as its node would say. */
  void end(String pod, String at, String word) {
    var _ =
        client()
            .pods()
            .inNamespace(namespace)
            .withName(pod)
            .editStatus(
                latest ->
                    new PodBuilder(latest)
                        .withNewStatus()
                        .withPhase("Succeeded")
                        .addNewContainerStatus()
                        .withName("task")
                        .withImage("drydock")
                        .withImageID("")
                        .withReady(false)
                        .withRestartCount(0)
                        .withNewState()
                        .withNewTerminated()
                        .withExitCode(0)
                        .withFinishedAt(at)
                        .withMessage(word)
                        .endTerminated()
                        .endState()
                        .endContainerStatus()
                        .endStatus()
                        .build());
  }

  void key(String name, String privateKey) {
    client()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withType("kubernetes.io/ssh-auth")
                .withStringData(Map.of("ssh-privatekey", privateKey))
                .build())
        .createOr(existing -> existing.update());
  }

  void host(String name, Sshd sshd, String interval) {
    create(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: Host
        metadata: {name: %s}
        spec:
          address: 127.0.0.1
          port: %d
          user: %s
          identity: {secretName: key}
          hostKeys: ["%s"]
          probe: {interval: %s, timeout: 4s}
        """
            .formatted(name, sshd.port(), Sshd.USER, sshd.publicKey("host_ed25519"), interval));
  }

  void channel(String name, String url, String verify) {
    create(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: NotificationChannel
        metadata: {name: %s}
        spec: {verify: %s, groupWait: 0s, webhook: {url: "%s"}}
        """
            .formatted(name, verify, url));
  }

  Resource<Host> host(String name) {
    return client().resources(Host.class).inNamespace(namespace).withName(name);
  }

  Resource<NotificationChannel> channel(String name) {
    return client().resources(NotificationChannel.class).inNamespace(namespace).withName(name);
  }

  Resource<HostHealthPolicy> policy(String name) {
    return client().resources(HostHealthPolicy.class).inNamespace(namespace).withName(name);
  }

  static void patch(Resource<?> resource, String json) {
    resource.patch(PatchContext.of(PatchType.JSON_MERGE), json);
  }

  Optional<Condition> condition(Resource<Host> host, String type) {
    Host now = host.get();
    return now == null || now.getStatus() == null
        ? Optional.empty()
        : now.getStatus().conditions().stream().filter(c -> c.type().equals(type)).findFirst();
  }

  void awaitReady(String host) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                condition(host(host), "Ready").filter(c -> c.status().equals("True")).isPresent());
  }

  void awaitStalled(String host, String reason) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                condition(host(host), "Stalled")
                    .filter(c -> c.reason().equals(reason))
                    .isPresent());
  }

  void silentHost(String name, int port, String probe) {
    create(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: Host
        metadata: {name: %s}
        spec:
          address: 127.0.0.1
          port: %d
          user: nobody
          identity: {secretName: key}
          hostKeys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBKgUDnH5aXH1yb1QuSfFOQUtMKUdtvCBAoP1yOzXfRX]
          probe: %s
        """
            .formatted(name, port, probe));
  }

  void awaitObserved(String channel) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              NotificationChannel now = channel(channel).get();
              return now != null
                  && now.getStatus() != null
                  && isCurrent(now, now.getStatus().observedGeneration());
            });
  }

  /** Who leads; empty if nobody does. */
  String holder() {
    Lease lease =
        client().resources(Lease.class).inNamespace(namespace).withName(LeaderLease.NAME).get();
    return lease == null ? "" : String.valueOf(lease.getSpec().getHolderIdentity());
  }

  static String metrics(OperatorProcess process) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + process.httpPort() + "/metrics"))
                  .build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  /** Writes so far of Drydock's kinds in this namespace. */
  List<String> writes() {
    return server.writes().stream().filter(write -> write.contains(" " + namespace + "/")).toList();
  }

  static boolean isCurrent(CustomResource<?, ?> resource, @Nullable Long observed) {
    return resource.getMetadata().getGeneration().equals(observed);
  }

  /** A webhook of the user's own, which takes everything unless it is told to refuse. */
  static final class Receiver implements AutoCloseable {
    private final HttpServer server;
    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private volatile int answer = 204;

    Receiver() {
      try {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext(
          "/",
          exchange -> {
            bodies.add(
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            exchange.sendResponseHeaders(answer, -1);
            exchange.close();
          });
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
    }

    /** Has it answer with another status from now on. */
    void answer(int status) {
      answer = status;
    }

    List<String> bodies() {
      return List.copyOf(bodies);
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }
}
