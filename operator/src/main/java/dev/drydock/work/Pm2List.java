package dev.drydock.work;

import dev.drydock.kernel.Text;
import dev.drydock.port.HostShell.Completed;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.Script;
import dev.drydock.probe.Prelude;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The processes of the SSH user's PM2.
 *
 * @param problem why there is no list; empty: there is one
 * @param absent whether there is none because PM2 does not run there
 */
record Pm2List(Optional<String> problem, boolean absent, List<Pm2Process> processes) {
  private static final int NOT_INSTALLED = 127;
  private static final int NO_DAEMON = 3;
  private static final Duration SOON = Duration.ofMinutes(1);
  private static final int NAME = 128;

  private static final String LIST =
      Prelude.LIMITED
          + Prelude.PM2
          + """
          pm2_find || exit $?
          limit=20
          pm2_run '
            for (const p of list) {
              const env = p.pm2_env;
              console.log([p.pm_id, env.status, env.max_memory_restart || 0, p.name].join("\\t"));
            }
          '
          """;

  Pm2List {
    processes = List.copyOf(processes);
  }

  /**
   * One process.
   *
   * @param maxMemoryRestart bytes above which PM2 restarts it; 0: never
   */
  record Pm2Process(String name, String status, long maxMemoryRestart) {
    boolean isOnline() {
      return status.equals("online");
    }

    /** A person has, or a remedy that holds until a person comes. */
    boolean isStopped() {
      return status.equals("stopped");
    }
  }

  static Script script() {
    return Script.of(LIST, List.of());
  }

  /** What {@link #script} ended with. */
  static Pm2List read(int status, String output) {
    Optional<String> problem =
        switch (status) {
          case 0 -> Optional.empty();
          case NOT_INSTALLED ->
              Optional.of("PM2 is not installed where the SSH user's shell finds it");
          case NO_DAEMON -> Optional.of("PM2 does not run for the SSH user");
          case 68 -> Optional.of("there is no node beside pm2 to read its list with");
          default -> Optional.of("pm2 jlist printed no list in time");
        };
    var processes = new ArrayList<Pm2Process>();
    if (problem.isEmpty()) {
      for (String line : output.lines().toList()) {
        String[] words = line.split("\t", 4);
        if (words.length == 4 && words[0].matches("[0-9]{1,9}")) {
          processes.add(
              new Pm2Process(
                  Text.line(words[3], NAME),
                  Text.line(words[1], NAME),
                  words[2].matches("[0-9]{1,18}") ? Long.parseLong(words[2]) : 0));
        }
      }
    }
    return new Pm2List(problem, status == NOT_INSTALLED || status == NO_DAEMON, processes);
  }

  /** The names of those that are of a kind, each once. */
  List<String> names(Predicate<Pm2Process> kind) {
    return processes.stream().filter(kind).map(Pm2Process::name).distinct().toList();
  }

  /** Asks a host for it. */
  static Pm2List of(Site site) throws InterruptedException {
    return switch (site.ask(script(), SOON)) {
      case Completed done -> read(done.exitCode(), done.output());
      case Failed failed ->
          new Pm2List(Optional.of("PM2 can't be asked: " + failed.message()), false, List.of());
    };
  }
}
