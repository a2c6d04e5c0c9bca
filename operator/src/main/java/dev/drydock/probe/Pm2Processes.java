package dev.drydock.probe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Sizes;
import dev.drydock.kernel.Text;
import dev.drydock.kernel.Work;
import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Finding.Unknown;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Processes of PM2. One look has no memory, and needs none: how often a process was restarted
 * lately is bounded by its own counts and times, and told by the log of PM2's daemon. Pure.
 */
final class Pm2Processes {
  private static final int NAMED = 5;
  private static final int NAME = 60;
  private static final int TABLE = 10;
  private static final int COLUMN = 24;
  private static final int DEFAULT_MAX_RESTARTS = 16;
  private static final Instant LATEST = Instant.parse("9999-01-01T00:00:00Z");

  private Pm2Processes() {}

  /**
   * One process, as {@code pm2 jlist} tells of it.
   *
   * @param restarts since it was made, or its count was reset; there is no telling when that was
   * @param started when it was last started
   * @param memory in bytes; 0: not told
   */
  record Pm2Process(
      String name,
      long id,
      String status,
      int restarts,
      Instant started,
      int maxRestarts,
      long memory) {}

  /**
   * Starts by the daemon's log.
   *
   * @param covered whether the log reaches back far enough
   * @param byId how many, by the process's id; one that is not named has none
   * @param own ids of those that Drydock itself started lately
   */
  record Starts(boolean covered, Map<Long, Integer> byId, Set<Long> own) {}

  static List<Pm2Process> parse(String jlist) throws Unreadable {
    var processes = new ArrayList<Pm2Process>();
    for (JsonNode node : Pages.array(jlist)) {
      JsonNode env = node.path("pm2_env");
      processes.add(
          new Pm2Process(
              Text.line(node.path("name").asText("?"), NAME),
              node.path("pm_id").asLong(-1),
              Text.line(env.path("status").asText("of no known status"), NAME),
              Math.max(0, env.path("restart_time").asInt(0)),
              instant(env.path("pm_uptime")),
              env.path("max_restarts").asInt(DEFAULT_MAX_RESTARTS),
              Math.max(0, node.path("monit").path("memory").asLong(0))));
    }
    return processes;
  }

  private static Instant instant(JsonNode millis) {
    long value = millis.asLong(0);
    return value <= 0 || value >= LATEST.toEpochMilli() ? LATEST : Instant.ofEpochMilli(value);
  }

  static Starts starts(String text) throws Unreadable {
    var byId = new HashMap<Long, Integer>();
    var own = new HashSet<Long>();
    boolean covered = false;
    for (String line : text.strip().split("\n", -1)) {
      String[] words = line.strip().split(" ", -1);
      if (words.length == 3 && words[0].equals("own") && words[1].matches("[0-9]{1,9}")) {
        own.add(Long.valueOf(words[1]));
        continue;
      }
      if (words.length != 2 || !words[1].matches("[0-9]{1,9}")) {
        throw new Unreadable("the log of PM2 reads '" + Text.line(line, NAME) + "'");
      }
      if (words[0].equals("covered")) {
        covered = words[1].equals("1");
      } else if (words[0].matches("[0-9]{1,9}")) {
        byId.put(Long.valueOf(words[0]), Integer.valueOf(words[1]));
      }
    }
    return new Starts(covered, byId, own);
  }

  /** Name, status, restarts and memory, for people: those that are down first. */
  static String table(List<Pm2Process> processes) {
    if (processes.isEmpty()) {
      return "";
    }
    var lines = new ArrayList<String>();
    processes.stream()
        .sorted(
            Comparator.comparing((Pm2Process process) -> process.status().equals("online"))
                .thenComparing(Comparator.comparingInt(Pm2Process::restarts).reversed()))
        .limit(processes.size() > TABLE ? TABLE - 1 : TABLE)
        .forEach(
            process ->
                lines.add(
                    "PM2 "
                        + Text.line(process.name(), COLUMN)
                        + ": "
                        + Text.line(process.status(), COLUMN)
                        + ", "
                        + process.restarts()
                        + (process.restarts() == 1 ? " restart" : " restarts")
                        + (process.memory() > 0 ? ", " + Sizes.text(process.memory()) : "")));
    if (processes.size() > TABLE) {
      lines.add("PM2: and " + (processes.size() - TABLE + 1) + " more");
    }
    return String.join("\n", lines);
  }

  static Finding evaluate(Demand.Pm2 demand, Look look) throws Unreadable {
    int status = look.section("pm2").status();
    if (status == 127) {
      return new Unknown("PM2 is not installed where the SSH user's shell finds it");
    }
    if (status == 3) {
      return new Bad(
          "not running", "PM2 does not run for the SSH user: none of its processes is up");
    }
    if (status == 4) {
      String late = "pm2 jlist printed no list in time";
      return look.work()
          .filter(Work::touchesAnyPm2)
          .<Finding>map(work -> Evaluation.planned(work, late))
          .orElseGet(() -> new Unknown(late));
    }
    List<Pm2Process> all = parse(look.text("pm2"));
    List<Pm2Process> meant =
        demand.processes().isEmpty()
            ? all
            : all.stream().filter(process -> demand.processes().contains(process.name())).toList();
    List<String> absent =
        demand.processes().stream()
            .filter(name -> all.stream().noneMatch(process -> process.name().equals(name)))
            .toList();
    Optional<Work> work = look.work();
    var disturbed = new ArrayList<String>();
    if (demand.allOnline()) {
      if (all.isEmpty()) {
        return new Bad("no process", "PM2 has no process at all");
      }
      var wrong = new ArrayList<String>();
      for (Pm2Process process : meant) {
        if (!process.status().equals("online")) {
          List<String> to =
              work.filter(by -> by.touchesPm2(process.name())).isPresent() ? disturbed : wrong;
          to.add(label(process, meant) + " is " + process.status());
        }
      }
      absent.forEach(name -> wrong.add(name + " does not exist"));
      if (!wrong.isEmpty()) {
        String text = few(wrong);
        return new Bad(text, "PM2: " + text);
      }
    }
    if (demand.restartsAbove() != null && demand.withinSeconds() != null) {
      Finding restarts = restarts(demand, meant, look);
      if (restarts instanceof Bad || !demand.allOnline()) {
        return restarts;
      }
      if (!(restarts instanceof Fine) && disturbed.isEmpty()) {
        return restarts;
      }
    }
    return work.filter(_ -> !disturbed.isEmpty())
        .<Finding>map(by -> Evaluation.planned(by, "PM2: " + few(disturbed)))
        .orElseGet(() -> new Fine(meant.size() + " online"));
  }

  private static Finding restarts(Demand.Pm2 demand, List<Pm2Process> processes, Look look)
      throws Unreadable {
    int limit = Objects.requireNonNull(demand.restartsAbove());
    long seconds = Objects.requireNonNull(demand.withinSeconds());
    Instant since = look.hostTime().minusSeconds(seconds);
    Starts starts = starts(seconds, look);
    String window = Durations.text(Duration.ofSeconds(seconds));
    var wrong = new ArrayList<String>();
    var unknown = new ArrayList<String>();
    for (Pm2Process process : processes) {
      Restarts restarts = restarts(process, since, starts);
      if (restarts.least() > limit) {
        wrong.add(
            label(process, processes)
                + " restarted "
                + (restarts.least() == restarts.most() ? "" : "at least ")
                + restarts.least()
                + (restarts.least() == 1 ? " time" : " times"));
      } else if (restarts.most() > limit) {
        unknown.add(label(process, processes));
      }
    }
    if (!wrong.isEmpty()) {
      String text = few(wrong);
      return new Bad(text, "PM2: " + text + " within " + window + "; the limit is " + limit);
    }
    return unknown.isEmpty()
        ? new Fine("no more than " + limit + " restarts within " + window)
        : new Unknown(
            "how often "
                + few(unknown)
                + " restarted within "
                + window
                + " is not known: the log of PM2's daemon (pm2.log) does not reach back so far");
  }

  /**
   * The processes that {@code demand} finds at fault, by name, and that are not stopped already.
   */
  static List<String> offenders(Demand.Pm2 demand, Look look) throws Unreadable {
    var names = new LinkedHashSet<String>();
    for (Pm2Process process : parse(look.text("pm2"))) {
      boolean meant = demand.processes().isEmpty() || demand.processes().contains(process.name());
      if (meant && !process.status().equals("stopped") && isAtFault(process, demand, look)) {
        names.add(process.name());
      }
    }
    return List.copyOf(names);
  }

  private static boolean isAtFault(Pm2Process process, Demand.Pm2 demand, Look look)
      throws Unreadable {
    if (demand.allOnline() && !process.status().equals("online")) {
      return true;
    }
    Integer limit = demand.restartsAbove();
    Long seconds = demand.withinSeconds();
    if (limit == null || seconds == null) {
      return false;
    }
    Instant since = look.hostTime().minusSeconds(seconds);
    return restarts(process, since, starts(seconds, look)).least() > limit;
  }

  private static Starts starts(long seconds, Look look) throws Unreadable {
    Look.Section section = look.section(HostLook.starts(seconds));
    return section.status() == 0 ? starts(section.text()) : new Starts(false, Map.of(), Set.of());
  }

  /** Between how many and how many restarts there were. */
  record Restarts(int least, int most) {}

  /** What is certain of {@code process} since {@code since}. */
  static Restarts restarts(Pm2Process process, Instant since, Starts starts) {
    int ever = process.restarts();
    if (process.started().isBefore(since)) {
      return new Restarts(0, 0);
    }
    // A start by hand is in the log, but no restart in the count.
    int logged = Math.min(ever, starts.byId().getOrDefault(process.id(), 0));
    if (starts.covered()) {
      return new Restarts(logged, logged);
    }
    if (starts.own().contains(process.id())) {
      return new Restarts(logged, ever);
    }
    if (process.status().equals("errored")) {
      // PM2 gives a process up after so many restarts in a few seconds.
      return new Restarts(Math.max(logged, Math.min(ever, process.maxRestarts())), ever);
    }
    return new Restarts(Math.max(logged, Math.min(ever, 1)), ever);
  }

  private static String label(Pm2Process process, List<Pm2Process> among) {
    boolean several =
        among.stream().filter(other -> other.name().equals(process.name())).count() > 1;
    return several ? process.name() + " (" + process.id() + ")" : process.name();
  }

  private static String few(List<String> texts) {
    return texts.stream().limit(NAMED).collect(Collectors.joining(", "))
        + (texts.size() > NAMED ? ", …" : "");
  }
}
