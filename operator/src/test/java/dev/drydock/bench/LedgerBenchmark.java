package dev.drydock.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.testing.ApiServer;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that are due each minute, while one part after the other of what runs them is killed,
 * stopped or lost. Then each due time must be in the journal of those who run pods exactly once, or
 * have an outcome in status that says why not.
 *
 * <p>usage: LedgerBenchmark SCHEDULES MINUTES OPERATOR, where the last is a file: a command that
 * starts the operator, which this process gives KUBECONFIG to.
 */
final class LedgerBenchmark {
  private static final String NAMESPACE = "ledger";
  private static final Duration RUN = Duration.ofSeconds(3);
  private static final Duration PAUSED = Duration.ofSeconds(20);
  private static final Duration SETTLED = Duration.ofMinutes(3);
  private static final int LOST_PODS = 3;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Each status, whole: so that no outcome is missed, however soon the next one follows. And who
   * makes and takes away Jobs.
   */
  private static final String AUDITED =
      """
      - {level: Request, verbs: [update], resources: [{group: drydock.dev, resources: [maintenanceschedules/status]}]}
      - {level: Metadata, verbs: [create, patch, update, delete], resources: [{group: batch, resources: [jobs]}]}
      """;

  private static final Pattern SINCE = Pattern.compile("since (\\S+Z)");

  private final ApiServer api;
  private final Random random = new Random(7);
  private final String command;
  private final Map<String, Integer> faults = new TreeMap<>();
  private volatile Program operator;
  private volatile Program controllers;
  private volatile boolean ending;

  private LedgerBenchmark(ApiServer api, String command) throws IOException {
    this.api = api;
    this.command = command;
    operator = Program.start(command, api.kubeconfig());
    controllers = ControllerManager.start(api, ControllerManager.Pace.HIGH);
  }

  public static void main(String... arguments) throws Exception {
    int schedules = Integer.parseInt(arguments[0]);
    int minutes = Integer.parseInt(arguments[1]);
    try (var api = ApiServer.start(AUDITED)) {
      api.applyCrds();
      DueBenchmark.namespace(api, "drydock-system");
      DueBenchmark.namespace(api, NAMESPACE);
      var benchmark = new LedgerBenchmark(api, arguments[2]);
      try {
        benchmark.measure(schedules, minutes);
      } finally {
        benchmark.ending = true;
        benchmark.operator.kill();
        benchmark.controllers.kill();
      }
    }
    System.exit(0);
  }

  private record Slot(String schedule, Instant due) {}

  private void measure(int schedules, int minutes) throws Exception {
    KubernetesClient client = api.client();
    Path journal = api.kubeconfig().resolveSibling("journal");
    Thread.ofVirtual().start(this::supervise);
    try (var nodes = new PlayedNodes(api.kubeconfig(), journal, RUN)) {
      OperatorBenchmark.inParallel(
          IntStream.range(0, schedules)
              .<Callable<Object>>mapToObj(
                  i ->
                      () ->
                          client
                              .resource(DueBenchmark.schedule(NAMESPACE, i, "* * * * *"))
                              .create())
              .toList());
      Instant patience = Instant.now().plus(Duration.ofMinutes(2));
      while (client.batch().v1().cronjobs().inNamespace(NAMESPACE).list().getItems().size()
          < schedules) {
        if (Instant.now().isAfter(patience)) {
          throw new IllegalStateException("the operator does not make all CronJobs");
        }
        Thread.sleep(500);
      }
      Instant first = Instant.now().truncatedTo(ChronoUnit.MINUTES).plus(1, ChronoUnit.MINUTES);
      Instant last = first.plus(minutes - 1, ChronoUnit.MINUTES);
      Set<Slot> due = new HashSet<>();
      for (int i = 0; i < schedules; i++) {
        for (int minute = 0; minute < minutes; minute++) {
          due.add(new Slot("schedule-" + i, first.plus(minute, ChronoUnit.MINUTES)));
        }
      }
      Thread.sleep(Duration.between(Instant.now(), first));
      var ledger = new Ledger(api.auditLog(), journal);
      ledger.watch(client);
      trouble(nodes, last.plusSeconds(30));
      Instant settled = Instant.now().plus(SETTLED);
      while (!ledger.read(due).isEmpty() && Instant.now().isBefore(settled)) {
        Thread.sleep(2000);
      }
      report(due, ledger);
    }
  }

  /** Starts the operator anew when it has ended, as its Deployment would. */
  private void supervise() {
    while (!ending) {
      try {
        Thread.sleep(500);
        if (!operator.isAlive() && !ending) {
          operator = Program.start(command, api.kubeconfig());
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private interface Fault {
    void happen() throws IOException, InterruptedException;
  }

  private void trouble(PlayedNodes nodes, Instant end) throws IOException, InterruptedException {
    List<Map.Entry<String, Fault>> kinds =
        List.of(
            Map.entry("operator killed", () -> operator.kill()),
            Map.entry("pods lost", () -> lose(nodes)),
            Map.entry("API server killed", this::withoutApiServer),
            Map.entry("operator stopped for 20 s", this::pause),
            Map.entry("pods lost", () -> lose(nodes)),
            Map.entry("controllers killed", this::withoutControllers),
            Map.entry("operator ended", () -> operator.process().destroy()),
            Map.entry("pods lost", () -> lose(nodes)),
            Map.entry("etcd killed", api::restartEtcd));
    for (int i = 0; Instant.now().isBefore(end); i++) {
      Map.Entry<String, Fault> kind = kinds.get(i % kinds.size());
      kind.getValue().happen();
      faults.merge(kind.getKey(), 1, Integer::sum);
      Thread.sleep(3000 + random.nextInt(5000));
    }
  }

  private void withoutApiServer() throws InterruptedException {
    api.stop();
    Thread.sleep(5000);
    api.resume();
  }

  private void pause() throws IOException, InterruptedException {
    Program stopped = operator;
    stopped.signal("STOP");
    Thread.sleep(PAUSED);
    stopped.signal("CONT");
  }

  private void withoutControllers() throws IOException, InterruptedException {
    controllers.kill();
    Thread.sleep(Duration.ofSeconds(15 + random.nextInt(30)));
    controllers = ControllerManager.start(api, ControllerManager.Pace.HIGH);
  }

  /** Takes pods away in the middle of their run, as a node that is lost does. */
  private void lose(PlayedNodes nodes) throws InterruptedException {
    Instant end = Instant.now().plusSeconds(60);
    List<Pod> running = new ArrayList<>(nodes.running());
    while (running.isEmpty() && Instant.now().isBefore(end)) {
      Thread.sleep(100);
      running = new ArrayList<>(nodes.running());
    }
    Collections.shuffle(running, random);
    for (Pod pod : running.stream().limit(LOST_PODS).toList()) {
      try {
        api.client().resource(pod).withGracePeriod(0).delete();
      } catch (KubernetesClientException e) {
        // The API server is not back yet: this one lives.
      }
    }
  }

  /** What was run, and what was said. */
  private static final class Ledger {
    private final AuditLog audit;
    private final Path journal;

    /** How often each ran. */
    final Map<Slot, Integer> ran = new HashMap<>();

    /** What status has said of each, last. */
    final Map<Slot, String> outcomes = new HashMap<>();

    /** An API server that is killed may have stored what it did not come to log. */
    private final Map<Slot, String> seen = new ConcurrentHashMap<>();

    Ledger(Path audit, Path journal) {
      this.audit = new AuditLog(audit);
      this.journal = journal;
    }

    void watch(KubernetesClient client) {
      var _ =
          client
              .resources(MaintenanceSchedule.class)
              .inNamespace(NAMESPACE)
              .inform(
                  new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(MaintenanceSchedule schedule) {
                      onUpdate(schedule, schedule);
                    }

                    @Override
                    public void onUpdate(MaintenanceSchedule before, MaintenanceSchedule schedule) {
                      JSON.valueToTree(schedule)
                          .path("status")
                          .path("tasks")
                          .forEach(task -> take(schedule.getMetadata().getName(), task, seen));
                    }

                    @Override
                    public void onDelete(MaintenanceSchedule schedule, boolean unknown) {
                      // None is deleted.
                    }
                  });
    }

    /** Reads on. Returns what is due and has neither run to an end that is known nor an outcome. */
    Set<Slot> read(Set<Slot> due) throws IOException {
      for (AuditLog.Write write : audit.next()) {
        if (write.line().equals("update maintenanceschedules/status 200")) {
          write
              .sent()
              .path("status")
              .path("tasks")
              .forEach(task -> take(write.name(), task, outcomes));
        }
      }
      seen.forEach(outcomes::putIfAbsent);
      ran.clear();
      for (String line : Files.readAllLines(journal)) {
        String[] words = line.split(" ", -1);
        String schedule = words[1].substring(0, words[1].length() - "-task".length());
        ran.merge(new Slot(schedule, Instant.parse(words[2])), 1, Integer::sum);
      }
      return due.stream().filter(slot -> outcomes.get(slot) == null).collect(Collectors.toSet());
    }

    private static void take(String schedule, JsonNode task, Map<Slot, String> outcomes) {
      JsonNode run = task.path("lastRun");
      if (run.path("scheduled").isTextual() && run.path("outcome").isTextual()) {
        Instant scheduled = Instant.parse(run.path("scheduled").asText());
        String outcome = run.path("outcome").asText();
        String message = run.path("message").asText();
        outcomes.put(new Slot(schedule, scheduled), outcome + ": " + general(message));
        var since = SINCE.matcher(message);
        if (run.path("started").isMissingNode() && since.find()) {
          for (Instant at = Instant.parse(since.group(1));
              at.isBefore(scheduled);
              at = at.plus(1, ChronoUnit.MINUTES)) {
            outcomes.put(new Slot(schedule, at), outcome + ": " + general(message));
          }
        }
      }
    }

    /** Without what differs from one to the next. */
    private static String general(String message) {
      return message.replaceAll("\\S*[0-9]\\S*", "…");
    }
  }

  private void report(Set<Slot> due, Ledger ledger) throws IOException {
    var named = new TreeMap<String, Integer>();
    var ran = new TreeMap<String, Integer>();
    List<String> twice = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    List<String> odd = new ArrayList<>();
    for (Slot slot : due) {
      int times = ledger.ran.getOrDefault(slot, 0);
      @Nullable String outcome = ledger.outcomes.get(slot);
      if (times > 1) {
        twice.add(slot.toString());
      }
      if (times == 0 && outcome == null) {
        lost.add(slot.toString());
      }
      if (times > 0 && (outcome == null || outcome.contains("deleted"))) {
        odd.add(slot + " " + outcome);
      }
      (times == 0 ? named : ran).merge(outcome == null ? "no outcome" : outcome, 1, Integer::sum);
    }
    twice.stream().sorted().limit(20).forEach(slot -> System.err.println("twice: " + slot));
    lost.stream().sorted().limit(20).forEach(slot -> System.err.println("lost: " + slot));
    odd.stream().sorted().forEach(slot -> System.err.println("to be looked at: " + slot));
    var json = new TreeMap<String, Object>();
    json.put("what", "ledger");
    json.put("slots", due.size());
    json.put("ran", ran);
    json.put("named", named);
    json.put("double", twice.size());
    json.put("lost", lost.size());
    json.put("faults", faults);
    System.out.println(JSON.writeValueAsString(json));
    if (!twice.isEmpty() || !lost.isEmpty() || !odd.isEmpty()) {
      Files.copy(
          api.auditLog(),
          Path.of("target", "ledger-audit.log"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
