package dev.drydock.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.notification.NotificationChannel;
import dev.drydock.api.v1alpha1.notification.NotificationChannelStatus;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Starts the operator on an API server that has many channels without a status, a controller in Go
 * that gives each a status of the same kind, and a bare client that writes as many statuses, by
 * turns. When what was written comes from the audit log, so that nobody who watches takes part in
 * it.
 *
 * <p>usage: OperatorBenchmark CHANNELS ROUNDS IDLE-SECONDS OPERATOR PEER BARE, where the last three
 * are files: a command that starts the program, which this process gives KUBECONFIG to.
 */
final class OperatorBenchmark {
  private static final String NAMESPACE = "bench";
  private static final int WORKERS = 10;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ApiServer api;
  private final AuditLog audit;
  private final int channels;

  private OperatorBenchmark(ApiServer api, int channels) {
    this.api = api;
    this.channels = channels;
    audit = new AuditLog(api.auditLog());
  }

  public static void main(String... arguments) throws Exception {
    if (arguments[0].equals("bare")) {
      bare();
      System.exit(0);
    }
    int rounds = Integer.parseInt(arguments[1]);
    long idle = Long.parseLong(arguments[2]);
    try (var api = ApiServer.start()) {
      api.applyCrds();
      for (String name : List.of(NAMESPACE, "drydock-system")) {
        api.client()
            .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
            .create();
      }
      var benchmark = new OperatorBenchmark(api, Integer.parseInt(arguments[0]));
      for (int round = 0; round < rounds; round++) {
        long rest = round == rounds - 1 ? idle : 0;
        benchmark.fill();
        benchmark.controller("operator", arguments[3], rest);
        benchmark.fill();
        benchmark.controller("peer", arguments[4], rest);
        benchmark.fill();
        benchmark.client(arguments[5]);
      }
    }
    System.exit(0);
  }

  /** Makes the channels anew, none with a status. */
  private void fill() throws InterruptedException, IOException, ExecutionException {
    KubernetesClient client = api.client();
    client.resources(NotificationChannel.class).inNamespace(NAMESPACE).delete();
    Instant end = Instant.now().plus(PATIENCE);
    while (!client
        .resources(NotificationChannel.class)
        .inNamespace(NAMESPACE)
        .list()
        .getItems()
        .isEmpty()) {
      if (Instant.now().isAfter(end)) {
        throw new IllegalStateException("the channels of the last round do not go away");
      }
      Thread.sleep(200);
    }
    inParallel(
        IntStream.range(0, channels)
            .<Callable<Object>>mapToObj(i -> () -> client.resource(channel(i)).create())
            .toList());
    audit.next();
  }

  private static NotificationChannel channel(int number) throws IOException {
    return JSON.readValue(
        """
        {"apiVersion": "drydock.dev/v1alpha1", "kind": "NotificationChannel",
         "metadata": {"name": "channel-%d", "namespace": "%s"},
         "spec": {"verify": "Never", "webhook": {"url": "https://receiver.example/%d"}}}
        """
            .formatted(number, NAMESPACE, number),
        NotificationChannel.class);
  }

  private void controller(String what, String command, long idle)
      throws IOException, InterruptedException {
    Instant start = Instant.now();
    Program program = Program.start(command, api.kubeconfig());
    try {
      Took took = await(start, program);
      Thread.sleep(5000);
      double rss = program.memory("VmRSS");
      String resting = "";
      if (idle > 0) {
        audit.next();
        double before = program.cpu();
        Thread.sleep(Duration.ofSeconds(idle));
        resting =
            String.format(
                Locale.ROOT,
                ", \"idle_writes\": %d, \"idle_cpu_percent\": %.2f, \"idle_rss\": %.1f",
                audit.next().size(),
                (program.cpu() - before) * 100 / idle,
                program.memory("VmRSS"));
      }
      System.out.printf(
          Locale.ROOT,
          "{\"what\": \"%s\", \"first\": %.3f, \"last\": %.3f, \"statuses\": %d,"
              + " \"writes\": %d, \"ready\": %d, \"cpu\": %.2f, \"rss\": %.1f, \"anonymous\": %.1f,"
              + " \"peak\": %.1f%s}%n",
          what,
          took.first,
          took.last,
          channels,
          took.writes,
          ready(),
          took.cpu,
          rss,
          program.memory("RssAnon"),
          program.memory("VmHWM"),
          resting);
    } finally {
      program.end();
    }
  }

  private void client(String command) throws IOException, InterruptedException {
    Instant start = Instant.now();
    Program program = Program.start(command, api.kubeconfig());
    try {
      Took took = await(start, program);
      System.out.printf(
          Locale.ROOT,
          "{\"what\": \"bare\", \"first\": %.3f, \"last\": %.3f, \"writes\": %d}%n",
          took.first,
          took.last,
          took.writes);
    } finally {
      program.end();
    }
  }

  /** Seconds from the start to the first and to the last channel's first status. */
  private record Took(double first, double last, int writes, double cpu) {}

  private Took await(Instant start, Program program) throws IOException, InterruptedException {
    Set<String> missing =
        new HashSet<>(IntStream.range(0, channels).mapToObj(i -> "channel-" + i).toList());
    double first = -1;
    double last = -1;
    double cpu = 0;
    int writes = 0;
    while (!missing.isEmpty()) {
      if (program.isAlive()) {
        cpu = program.cpu();
      }
      if (Instant.now().isAfter(start.plus(PATIENCE))) {
        throw new IllegalStateException(missing.size() + " channels have no status");
      }
      for (AuditLog.Write write : audit.next()) {
        if (write.line().startsWith("update notificationchannels/status ")
            && write.line().endsWith(" 200")) {
          writes++;
          if (missing.remove(write.name())) {
            last = seconds(start, write.at());
            first = first < 0 ? last : first;
          }
        }
      }
      Thread.sleep(100);
    }
    return new Took(first, last, writes, cpu);
  }

  static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }

  /** How many channels have a Ready condition. */
  private long ready() {
    return api
        .client()
        .resources(NotificationChannel.class)
        .inNamespace(NAMESPACE)
        .list()
        .getItems()
        .stream()
        .filter(
            channel ->
                channel.getStatus() != null
                    && channel.getStatus().conditions().stream()
                        .anyMatch(condition -> condition.type().equals("Ready")))
        .count();
  }

  /** The least that has to be done: one list, and one write a channel. */
  private static void bare() throws InterruptedException, ExecutionException {
    try (var client = new KubernetesClientBuilder().build()) {
      List<NotificationChannel> all =
          client.resources(NotificationChannel.class).inNamespace(NAMESPACE).list().getItems();
      String now = "2026-01-01T00:00:00Z";
      var status =
          new NotificationChannelStatus(
              1L,
              Collections.nCopies(
                  1,
                  new Condition(
                      "Ready",
                      "Unknown",
                      "NotUsedYet",
                      "no message was sent yet; annotate the channel with drydock.dev/test=1 to"
                          + " send one",
                      now,
                      1L)),
              "webhook",
              null,
              0,
              "0123456789abcdef0123456789abcdef",
              null);
      inParallel(
          all.stream()
              .<Callable<Object>>map(
                  channel ->
                      () -> {
                        channel.setStatus(status);
                        return client.resource(channel).updateStatus();
                      })
              .toList());
    } catch (KubernetesClientException e) {
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }

  static void inParallel(List<Callable<Object>> tasks)
      throws InterruptedException, ExecutionException {
    inParallel(WORKERS, tasks);
  }

  static void inParallel(int workers, List<Callable<Object>> tasks)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newFixedThreadPool(workers)) {
      for (Future<Object> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }
  }
}
