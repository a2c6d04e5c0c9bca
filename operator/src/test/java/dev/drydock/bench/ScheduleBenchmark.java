package dev.drydock.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Starts the operator on an API server that has many schedules of five tasks, and then a bare
 * client that writes the same CronJobs, ConfigMaps and statuses in another namespace.
 *
 * <p>usage: ScheduleBenchmark SCHEDULES IDLE-SECONDS OBJECTS OPERATOR BARE, where OBJECTS is a file
 * to be made, which the bare client reads, and the last two are files: a command that starts the
 * program, which this process gives KUBECONFIG to.
 */
final class ScheduleBenchmark {
  private static final String OURS = "bench";
  private static final String BARE = "bare";
  private static final int TASKS = 5;
  private static final Duration PATIENCE = Duration.ofMinutes(6);

  /** As many as the operator has requests under way. */
  private static final int THREADS = 20;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final KubernetesSerialization YAML = new KubernetesSerialization();
  private static final String AUDITED =
      """
      - {level: None, resources: [{group: coordination.k8s.io}]}
      - {level: Metadata, verbs: [create, update, patch, delete]}\
      """;

  private final ApiServer api;
  private final AuditLog audit;
  private final int schedules;

  private ScheduleBenchmark(ApiServer api, int schedules) {
    this.api = api;
    this.schedules = schedules;
    audit = new AuditLog(api.auditLog());
  }

  public static void main(String... arguments) throws Exception {
    if (arguments[0].equals("bare")) {
      bare(Path.of(arguments[1]));
      System.exit(0);
    }
    try (var api = ApiServer.start(AUDITED)) {
      api.applyCrds();
      for (String name : List.of(OURS, BARE, "drydock-system")) {
        DueBenchmark.namespace(api, name);
      }
      var benchmark = new ScheduleBenchmark(api, Integer.parseInt(arguments[0]));
      benchmark.fill(OURS);
      benchmark.operator(arguments[3], Long.parseLong(arguments[1]));
      benchmark.fill(BARE);
      benchmark.keep(Path.of(arguments[2]));
      benchmark.client(arguments[4]);
    }
    System.exit(0);
  }

  private void fill(String namespace) throws InterruptedException, ExecutionException, IOException {
    OperatorBenchmark.inParallel(
        IntStream.range(0, schedules)
            .<Callable<Object>>mapToObj(
                i -> () -> api.client().resource(schedule(namespace, i)).create())
            .toList());
    audit.next();
  }

  /** Once a day at the hour that is furthest away: nothing is due while it is measured. */
  private static MaintenanceSchedule schedule(String namespace, int number) {
    int hour = (Instant.now().atZone(java.time.ZoneOffset.UTC).getHour() + 12) % 24;
    var tasks = new StringBuilder();
    for (int i = 0; i < TASKS; i++) {
      tasks.append(
          """
          - {name: task-%d, schedule: "%d %d * * *", vacuum: {postgresql: {secretName: db-%d}}}
          """
              .formatted(i, (number + 7 * i) % 60, hour, number)
              .indent(2));
    }
    return YAML.unmarshal(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: MaintenanceSchedule
        metadata: {name: schedule-%d, namespace: %s}
        spec:
          tasks:
        """
                .formatted(number, namespace)
            + tasks,
        MaintenanceSchedule.class);
  }

  private void operator(String command, long idle) throws IOException, InterruptedException {
    Instant start = Instant.now();
    Program program = Program.start(command, api.kubeconfig());
    try {
      Took took = await(start, OURS, program);
      Thread.sleep(5000);
      double rss = program.memory("VmRSS");
      List<AuditLog.Write> late = audit.next();
      double before = program.cpu();
      Thread.sleep(Duration.ofSeconds(idle));
      List<AuditLog.Write> idleWrites = audit.next();
      double cpu = (program.cpu() - before) * 100 / idle;
      took.print(
          "schedules",
          String.format(
              Locale.ROOT,
              ", \"ready\": %d, \"late_writes\": %d, \"rss\": %.1f, \"peak\": %.1f,"
                  + " \"idle_writes\": %d, \"idle_cpu_percent\": %.2f, \"idle_rss\": %.1f",
              ready(),
              late.size(),
              rss,
              program.memory("VmHWM"),
              idleWrites.size(),
              cpu,
              program.memory("VmRSS")));
      idleWrites.stream()
          .map(write -> write.line() + " " + write.namespace() + "/" + write.name())
          .limit(10)
          .forEach(write -> System.err.println("idle: " + write));
    } finally {
      program.end();
    }
  }

  private long ready() {
    return api
        .client()
        .resources(MaintenanceSchedule.class)
        .inNamespace(OURS)
        .list()
        .getItems()
        .stream()
        .filter(
            schedule ->
                schedule.getStatus() != null
                    && schedule.getStatus().conditions().stream()
                        .anyMatch(c -> c.type().equals("Ready") && c.status().equals("True")))
        .count();
  }

  private void client(String command) throws IOException, InterruptedException {
    Program program = Program.start(command, api.kubeconfig());
    try {
      await(Instant.now(), BARE, program).print("bare", "");
    } finally {
      program.end();
    }
  }

  /**
   * Seconds from the start.
   *
   * @param last to the first write of the object that was written last
   */
  private record Took(
      double first, double last, int objects, Map<String, Integer> writes, double cpu) {
    void print(String what, String more) throws IOException {
      System.out.printf(
          Locale.ROOT,
          "{\"what\": \"%s\", \"first\": %.3f, \"last\": %.3f, \"objects\": %d, \"cpu\": %.2f,"
              + " \"writes\": %s%s}%n",
          what,
          first,
          last,
          objects,
          cpu,
          JSON.writeValueAsString(writes),
          more);
    }
  }

  /** Until each CronJob, ConfigMap and status was written. */
  private Took await(Instant start, String namespace, Program program)
      throws IOException, InterruptedException {
    int wanted = schedules * (2 * TASKS + 1);
    Set<String> objects = new HashSet<>();
    Map<String, Integer> writes = new HashMap<>();
    double first = -1;
    double last = -1;
    double cpu = 0;
    while (objects.size() < wanted) {
      cpu = program.isAlive() ? program.cpu() : cpu;
      if (Instant.now().isAfter(start.plus(PATIENCE))) {
        throw new IllegalStateException(objects.size() + " of " + wanted + " objects are written");
      }
      for (AuditLog.Write write : audit.next()) {
        if (write.namespace().equals(namespace)) {
          writes.merge(write.line(), 1, Integer::sum);
          if (isObject(write.line()) && objects.add(kind(write.line()) + "/" + write.name())) {
            last = OperatorBenchmark.seconds(start, write.at());
            first = first < 0 ? last : first;
          }
        }
      }
      Thread.sleep(100);
    }
    return new Took(first, last, objects.size(), writes, cpu);
  }

  private static boolean isObject(String line) {
    return (line.endsWith(" 200") || line.endsWith(" 201")) && !line.contains(" events ");
  }

  private static String kind(String line) {
    return line.split(" ", -1)[1];
  }

  /** Writes down what the operator made, to be written once more. */
  private void keep(Path file) throws IOException {
    KubernetesClient client = api.client();
    Map<String, String> versions = new HashMap<>();
    for (MaintenanceSchedule bare :
        client.resources(MaintenanceSchedule.class).inNamespace(BARE).list().getItems()) {
      versions.put(bare.getMetadata().getName(), bare.getMetadata().getResourceVersion());
    }
    try (var out = Files.newBufferedWriter(file)) {
      for (HasMetadata object :
          Stream.of(
                  client.configMaps().inNamespace(OURS).list().getItems(),
                  client.batch().v1().cronjobs().inNamespace(OURS).list().getItems(),
                  client.resources(MaintenanceSchedule.class).inNamespace(OURS).list().getItems())
              .<HasMetadata>flatMap(List::stream)
              .toList()) {
        ObjectNode json = JSON.valueToTree(object);
        ObjectNode metadata = (ObjectNode) json.get("metadata");
        metadata.remove(
            List.of("managedFields", "uid", "resourceVersion", "creationTimestamp", "generation"));
        metadata.put("namespace", BARE);
        if (object instanceof MaintenanceSchedule) {
          metadata.put("resourceVersion", versions.get(object.getMetadata().getName()));
        } else {
          json.remove("status");
        }
        out.write(JSON.writeValueAsString(json));
        out.newLine();
      }
    }
  }

  /** The least that has to be done: each object is written once, by whoever knows it already. */
  private static void bare(Path file) throws Exception {
    List<HasMetadata> objects = new ArrayList<>();
    try (Stream<String> lines = Files.lines(file)) {
      for (String line : (Iterable<String>) lines::iterator) {
        JsonNode json = JSON.readTree(line);
        objects.add(
            switch (json.path("kind").asText()) {
              case "ConfigMap" -> JSON.treeToValue(json, ConfigMap.class);
              case "CronJob" -> JSON.treeToValue(json, CronJob.class);
              default -> JSON.treeToValue(json, MaintenanceSchedule.class);
            });
      }
    }
    var apply =
        new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("drydock")
            .withForce(true)
            .build();
    try (var client = new KubernetesClientBuilder().build()) {
      OperatorBenchmark.inParallel(
          THREADS,
          objects.stream()
              .<Callable<Object>>map(
                  object ->
                      () ->
                          switch (object) {
                            case ConfigMap map -> client.resource(map).create();
                            case CronJob cronJob -> client.resource(cronJob).patch(apply);
                            default -> client.resource(object).updateStatus();
                          })
              .toList());
    }
  }
}
