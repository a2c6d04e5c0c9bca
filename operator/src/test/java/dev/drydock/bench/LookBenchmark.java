package dev.drydock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.drydock.adapter.http.JdkNetwork;
import dev.drydock.adapter.postgres.PgDatabase;
import dev.drydock.adapter.ssh.SshHostShell;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.kernel.Work;
import dev.drydock.kube.ClusterClient;
import dev.drydock.kube.Demands;
import dev.drydock.kube.HostAccesses;
import dev.drydock.kube.RequestLimit;
import dev.drydock.kube.Secrets;
import dev.drydock.port.Credentials;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostLock;
import dev.drydock.port.HostShell;
import dev.drydock.port.Script;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Looks at one host of the lab again and again with all checks of the runbook's policy, and by
 * turns has OpenSSH run the same script over a connection that is open already.
 *
 * <p>usage: LookBenchmark LOOKS DIRECTORY, with KUBECONFIG; the directory is for what ssh needs.
 */
final class LookBenchmark {
  private static final String NAMESPACE = "ops";
  private static final String HOST = "offchain";
  private static final int WARM = 20;
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private LookBenchmark() {}

  public static void main(String... arguments) throws Exception {
    int looks = Integer.parseInt(arguments[0]);
    Path directory = Path.of(arguments[1]);
    try (var client = ClusterClient.create();
        var shell = new Counted(new SshHostShell());
        var network = new JdkNetwork()) {
      var secrets = new Secrets(client, new RequestLimit(1), Clock.systemUTC());
      Host host = client.resources(Host.class).inNamespace(NAMESPACE).withName(HOST).get();
      HostHealthPolicy policy =
          client.resources(HostHealthPolicy.class).inNamespace(NAMESPACE).withName(HOST).get();
      if (!(new HostAccesses(secrets, (_, _) -> Optional.empty()).of(host)
          instanceof HostAccesses.Access(HostAccess access, _))) {
        throw new IllegalStateException(HOST + " can't be reached");
      }
      Map<String, Demand> demands = Demands.of(policy.getSpec(), host);
      Credentials credentials = secrets.in(NAMESPACE);
      var looker = new Looker(shell, network, new PgDatabase(), Clock.systemUTC());
      Callable<Looker.Sight> look = () -> looker.look(access, demands, credentials, DEADLINE);
      for (int i = 0; i < WARM; i++) {
        look.call();
      }
      if (!(look.call() instanceof Looker.Seen seen)) {
        throw new IllegalStateException(HOST + " can't be looked at: " + look.call());
      }
      List<String> ssh = ssh(access, directory);
      Files.writeString(directory.resolve("look.sh"), shell.last.render());
      time(WARM / 4, () -> run(ssh, directory));

      int scripts = shell.scripts.get();
      int forwards = shell.forwards.get();
      double cpu = cpu();
      double[] ours = time(looks, look);
      cpu = cpu() - cpu;
      scripts = shell.scripts.get() - scripts;
      forwards = shell.forwards.get() - forwards;
      double[] theirs = time(looks, () -> run(ssh, directory));
      System.out.printf(
          Locale.ROOT,
          "{\"what\": \"look\", \"looks\": %d, \"checks\": %d, \"unknown\": %d, \"p50\": %.1f,"
              + " \"p99\": %.1f, \"cpu\": %.2f, \"scripts\": %.2f, \"forwards\": %.2f,"
              + " \"bytes\": %d, \"ssh50\": %.1f, \"ssh99\": %.1f}%n",
          looks,
          demands.size(),
          seen.findings().values().stream().filter(Finding.Unknown.class::isInstance).count(),
          at(ours, 0.5),
          at(ours, 0.99),
          cpu * 1000 / looks,
          (double) scripts / looks,
          (double) forwards / looks,
          shell.last.render().getBytes(UTF_8).length,
          at(theirs, 0.5),
          at(theirs, 0.99));
    }
    System.exit(0);
  }

  /** What a person would type who has the script, the key and a ControlMaster. */
  private static List<String> ssh(HostAccess access, Path directory) throws IOException {
    Path key = directory.resolve("key");
    Files.writeString(key, access.identity().privateKey());
    Files.setPosixFilePermissions(
        key, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    Files.writeString(
        directory.resolve("known_hosts"),
        access.address() + " " + access.hostKeys().getFirst() + "\n");
    return List.of(
        "ssh",
        "-F",
        "none",
        "-i",
        key.toString(),
        "-o",
        "UserKnownHostsFile=" + directory.resolve("known_hosts"),
        "-o",
        "ControlMaster=auto",
        "-o",
        "ControlPersist=60",
        "-o",
        "ControlPath=" + directory.resolve("control"),
        "-p",
        String.valueOf(access.port()),
        access.user() + "@" + access.address(),
        "sh");
  }

  private static int run(List<String> command, Path directory)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectInput(directory.resolve("look.sh").toFile())
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.INHERIT)
            .start();
    return process.waitFor();
  }

  /** Milliseconds of each of {@code times} calls, in order of their length. */
  private static double[] time(int times, Callable<?> call) throws Exception {
    double[] took = new double[times];
    for (int i = 0; i < times; i++) {
      long start = System.nanoTime();
      call.call();
      took[i] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(took);
    return took;
  }

  private static double at(double[] sorted, double share) {
    return sorted[Math.min(sorted.length - 1, (int) (sorted.length * share))];
  }

  private static double cpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  /** Counts what goes over the session. */
  private static final class Counted implements HostShell {
    private final HostShell shell;
    private final AtomicInteger scripts = new AtomicInteger();
    private final AtomicInteger forwards = new AtomicInteger();
    private volatile Script last = Script.of("true", List.of());

    Counted(HostShell shell) {
      this.shell = shell;
    }

    @Override
    public Answer look(HostAccess host, Function<Duration, Script> script, Duration deadline) {
      scripts.incrementAndGet();
      return shell.look(
          host,
          left -> {
            last = script.apply(left);
            return last;
          },
          deadline);
    }

    @Override
    public Forwarding forward(HostAccess host, String address, int port, Duration deadline) {
      forwards.incrementAndGet();
      return shell.forward(host, address, port, deadline);
    }

    @Override
    public HostLock.Taken lock(HostAccess host, Work work, Duration patience, Duration deadline) {
      return shell.lock(host, work, patience, deadline);
    }

    @Override
    public void forget(String host) {
      shell.forget(host);
    }

    @Override
    public void close() {
      shell.close();
    }
  }
}
