package dev.drydock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Starts the operator on an API server that has many channels without a status, and a bare client
 * that writes as many statuses, by turns. When what was written comes from the audit log, so that
 * nobody who watches takes part in it.
 *
 * <p>usage: OperatorBenchmark CHANNELS ROUNDS IDLE-SECONDS OPERATOR BARE, where the last two are
 * files: a command that starts the program, which this process gives KUBECONFIG to.
 */
final class OperatorBenchmark {
  private static final String NAMESPACE = "bench";
  private static final int WORKERS = 10;
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ApiServer api;
  private final Path audit;
  private final int channels;
  private long read;
  private String rest = "";

  private OperatorBenchmark(ApiServer api, int channels) {
    this.api = api;
    this.channels = channels;
    audit = api.kubeconfig().resolveSibling("audit.log");
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
        benchmark.fill();
        benchmark.operator(arguments[3], round == rounds - 1 ? idle : 0);
        benchmark.fill();
        benchmark.client(arguments[4]);
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
    writes();
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

  private void operator(String command, long idle) throws IOException, InterruptedException {
    Instant start = Instant.now();
    Process process = launch(command);
    try {
      Took took = await(start, process);
      Thread.sleep(5000);
      double rss = memory(process.pid(), "VmRSS");
      String resting = "";
      if (idle > 0) {
        writes();
        double before = cpu(process.pid());
        Thread.sleep(Duration.ofSeconds(idle));
        resting =
            String.format(
                Locale.ROOT,
                ", \"idle_writes\": %d, \"idle_cpu_percent\": %.2f, \"idle_rss\": %.1f",
                writes().size(),
                (cpu(process.pid()) - before) * 100 / idle,
                memory(process.pid(), "VmRSS"));
      }
      System.out.printf(
          Locale.ROOT,
          "{\"what\": \"operator\", \"first\": %.3f, \"last\": %.3f, \"statuses\": %d,"
              + " \"writes\": %d, \"ready\": %d, \"cpu\": %.2f, \"rss\": %.1f, \"anonymous\": %.1f,"
              + " \"peak\": %.1f%s}%n",
          took.first,
          took.last,
          channels,
          took.writes,
          ready(),
          took.cpu,
          rss,
          memory(process.pid(), "RssAnon"),
          memory(process.pid(), "VmHWM"),
          resting);
    } finally {
      end(process);
    }
  }

  private void client(String command) throws IOException, InterruptedException {
    Instant start = Instant.now();
    Process process = launch(command);
    try {
      Took took = await(start, process);
      System.out.printf(
          Locale.ROOT,
          "{\"what\": \"bare\", \"first\": %.3f, \"last\": %.3f, \"writes\": %d}%n",
          took.first,
          took.last,
          took.writes);
    } finally {
      end(process);
    }
  }

  private Process launch(String command) throws IOException {
    var builder = new ProcessBuilder(command);
    builder.environment().put("KUBECONFIG", api.kubeconfig().toString());
    return builder
        .redirectErrorStream(true)
        .redirectOutput(Path.of(command + ".log").toFile())
        .start();
  }

  private static void end(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  /** Seconds from the start to the first and to the last channel's first status. */
  private record Took(double first, double last, int writes, double cpu) {}

  private Took await(Instant start, Process process) throws IOException, InterruptedException {
    Set<String> missing =
        new HashSet<>(IntStream.range(0, channels).mapToObj(i -> "channel-" + i).toList());
    double first = -1;
    double last = -1;
    double cpu = 0;
    int writes = 0;
    while (!missing.isEmpty()) {
      if (process.isAlive()) {
        cpu = cpu(process.pid());
      }
      if (Instant.now().isAfter(start.plus(PATIENCE))) {
        throw new IllegalStateException(missing.size() + " channels have no status");
      }
      for (Write write : writes()) {
        if (write.line.startsWith("update notificationchannels/status ")
            && write.line.endsWith(" 200")) {
          writes++;
          if (missing.remove(write.name)) {
            last = seconds(start, write.at);
            first = first < 0 ? last : first;
          }
        }
      }
      Thread.sleep(100);
    }
    return new Took(first, last, writes, cpu);
  }

  private static double seconds(Instant from, Instant to) {
    return Duration.between(from, to).toNanos() / 1e9;
  }

  private record Write(String line, String name, Instant at) {}

  /** What the audit log has got since the last call. */
  private List<Write> writes() throws IOException {
    var writes = new ArrayList<Write>();
    String text;
    try (var file = Files.newByteChannel(audit)) {
      file.position(read);
      byte[] bytes = new byte[(int) (file.size() - read)];
      var buffer = java.nio.ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining() && file.read(buffer) >= 0) {
        // Until all of it is there.
      }
      read += buffer.position();
      text = rest + new String(bytes, 0, buffer.position(), UTF_8);
    }
    int end = text.lastIndexOf('\n') + 1;
    rest = text.substring(end);
    for (String line : text.substring(0, end).lines().toList()) {
      JsonNode event = JSON.readTree(line);
      JsonNode object = event.path("objectRef");
      String part = object.path("subresource").asText();
      writes.add(
          new Write(
              event.path("verb").asText()
                  + (" " + object.path("resource").asText() + (part.isEmpty() ? "" : "/" + part))
                  + (" " + event.path("responseStatus").path("code").asText()),
              object.path("name").asText(),
              Instant.parse(event.path("stageTimestamp").asText())));
    }
    return writes;
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

  private static double cpu(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
  }

  /** In MiB. */
  private static double memory(long pid, String which) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith(which + ":")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    return -1;
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

  private static void inParallel(List<Callable<Object>> tasks)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newFixedThreadPool(WORKERS)) {
      for (Future<Object> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }
  }
}
