package dev.drydock.bench;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;

/**
 * Many tasks that are due in the same minute: when each has its Job, is let start, and has its pod,
 * counted from the due time. Beside it as many plain CronJobs, without the operator.
 *
 * <p>usage: DueBenchmark TASKS OPERATOR, where the last is a file: a command that starts the
 * operator, which this process gives KUBECONFIG to.
 */
final class DueBenchmark {
  private static final Duration RUN = Duration.ofSeconds(5);

  /** From the first object to the due time: everything is at rest by then. */
  private static final Duration AHEAD = Duration.ofSeconds(60);

  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final KubernetesSerialization YAML = new KubernetesSerialization();
  private static final String AUDITED =
      "- {level: Metadata, verbs: [create, patch], resources: [{group: batch, resources: [jobs,"
          + " cronjobs]}]}";

  private final ApiServer api;
  private final AuditLog audit;
  private final int tasks;
  private final String operator;

  private DueBenchmark(ApiServer api, int tasks, String operator) {
    this.api = api;
    this.tasks = tasks;
    this.operator = operator;
    audit = new AuditLog(api.auditLog());
  }

  public static void main(String... arguments) throws Exception {
    try (var api = ApiServer.start(AUDITED)) {
      api.applyCrds();
      namespace(api, "drydock-system");
      var benchmark = new DueBenchmark(api, Integer.parseInt(arguments[0]), arguments[1]);
      for (var pace : ControllerManager.Pace.values()) {
        for (boolean plain : new boolean[] {true, false}) {
          Program controllers = ControllerManager.start(api, pace);
          try {
            benchmark.measure(pace, plain);
          } finally {
            controllers.kill();
          }
        }
      }
    }
    System.exit(0);
  }

  static void namespace(ApiServer api, String name) {
    api.client()
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
  }

  private void measure(ControllerManager.Pace pace, boolean plain)
      throws IOException, InterruptedException, ExecutionException {
    String namespace = (plain ? "plain-" : "drydock-") + pace.name().toLowerCase(Locale.ROOT);
    namespace(api, namespace);
    Instant due =
        Instant.now().plus(AHEAD).truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
    String cron = due.atOffset(ZoneOffset.UTC).getMinute() + " * * * *";
    KubernetesClient client = api.client();
    Path journal = api.kubeconfig().resolveSibling(namespace + ".journal");
    Program started = plain ? null : Program.start(operator, api.kubeconfig());
    try (var nodes = new PlayedNodes(api.kubeconfig(), journal, RUN)) {
      OperatorBenchmark.inParallel(
          IntStream.range(0, tasks)
              .<Callable<Object>>mapToObj(
                  i ->
                      () ->
                          plain
                              ? client.resource(cronJob(namespace, i, cron)).create()
                              : client.resource(schedule(namespace, i, cron)).create())
              .toList());
      await(Instant.now(), due, "CronJobs", () -> count(namespace) == tasks);
      audit.next();
      observe(namespace, pace, plain, due, nodes);
    } finally {
      if (started != null) {
        started.end();
      }
      OperatorBenchmark.inParallel(
          client
              .resources(MaintenanceSchedule.class)
              .inNamespace(namespace)
              .list()
              .getItems()
              .stream()
              .<Callable<Object>>map(schedule -> () -> client.resource(schedule).delete())
              .toList());
    }
  }

  private int count(String namespace) {
    return api.client().batch().v1().cronjobs().inNamespace(namespace).list().getItems().size();
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Instant start, Instant end, String what, Condition condition)
      throws IOException, InterruptedException {
    while (!condition.holds()) {
      if (Instant.now().isAfter(end)) {
        throw new IllegalStateException(
            what + " are not all there after " + Duration.between(start, end));
      }
      Thread.sleep(500);
    }
  }

  private void observe(
      String namespace, ControllerManager.Pace pace, boolean plain, Instant due, PlayedNodes nodes)
      throws IOException, InterruptedException {
    Map<String, Instant> created = new HashMap<>();
    Map<String, Instant> letStart = new HashMap<>();
    Instant end = due.plus(PATIENCE);
    while (Instant.now().isBefore(end) && pods(namespace, nodes).size() < tasks) {
      Thread.sleep(500);
      for (AuditLog.Write write : audit.next()) {
        if (write.namespace().equals(namespace)) {
          switch (write.line()) {
            case "create jobs 201" -> created.putIfAbsent(write.name(), write.at());
            case "patch jobs 200" -> letStart.putIfAbsent(write.name(), write.at());
            default -> {
              // Of the Job's status, or refused.
            }
          }
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "{\"what\": \"due\", \"who\": \"%s\", \"pace\": \"%s\", \"tasks\": %d, \"created\": %s,"
            + " \"started\": %s, \"pod\": %s}%n",
        plain ? "plain" : "drydock",
        pace,
        tasks,
        spread(created.values(), due),
        spread((plain ? created : letStart).values(), due),
        spread(pods(namespace, nodes).values(), due));
  }

  private static Map<String, Instant> pods(String namespace, PlayedNodes nodes) {
    var pods = new HashMap<>(nodes.seen());
    pods.keySet().removeIf(job -> !job.startsWith(namespace + "/"));
    return pods;
  }

  /** Seconds after the due time; those that did not come in time count as if at the end of it. */
  private String spread(java.util.Collection<Instant> instants, Instant due) {
    List<Double> sorted =
        java.util.stream.Stream.concat(
                instants.stream().map(at -> OperatorBenchmark.seconds(due, at)),
                java.util.stream.Stream.generate(() -> (double) PATIENCE.toSeconds())
                    .limit(Math.max(0, tasks - instants.size())))
            .sorted()
            .toList();
    return String.format(
        Locale.ROOT,
        "{\"count\": %d, \"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f}",
        instants.size(),
        sorted.get((sorted.size() - 1) / 2),
        sorted.get((int) Math.ceil(sorted.size() * 0.99) - 1),
        sorted.getLast());
  }

  /** A task that needs no host, so that nothing but the due time is waited for. */
  static MaintenanceSchedule schedule(String namespace, int number, String cron) {
    return YAML.unmarshal(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: schedule-%d, namespace: %s}
        spec:
          tasks:
          - {name: task, schedule: "%s", vacuum: {postgresql: {secretName: db-%d}}}
        """
            .formatted(number, namespace, cron, number),
        MaintenanceSchedule.class);
  }

  private static CronJob cronJob(String namespace, int number, String cron) {
    return YAML.unmarshal(
        """
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: plain-%d, namespace: %s}
        spec:
          schedule: "%s"
          timeZone: Etc/UTC
          concurrencyPolicy: Forbid
          jobTemplate:
            spec:
              backoffLimit: 0
              template:
                spec:
                  restartPolicy: Never
                  automountServiceAccountToken: false
                  containers: [{name: task, image: played}]
        """
            .formatted(number, namespace, cron),
        CronJob.class);
  }
}
