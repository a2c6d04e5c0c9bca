package dev.drydock.work;

import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.hosthealth.CleanDisk;
import dev.drydock.api.v1alpha1.hosthealth.RecordLogs;
import dev.drydock.api.v1alpha1.hosthealth.RecordTop;
import dev.drydock.api.v1alpha1.hosthealth.RemedyStep;
import dev.drydock.api.v1alpha1.hosthealth.TopOrder;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Work;
import dev.drydock.probe.HostLook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One step of a remedy: what it needs, what it disturbs, and what is said of it. */
public sealed interface Step {
  /** Stands for the processes that the check finds at fault. */
  String OFFENDER = "offender";

  /** What is done, as one would go on after "would". */
  String text();

  /** What the Host must permit for it beside looks; nothing: nothing. */
  default Optional<Permit> needs() {
    return Optional.empty();
  }

  /** Whether the SSH user has to become root for it. */
  default boolean needsRoot() {
    return false;
  }

  /** Whether the check may be fine after it. */
  default boolean mends() {
    return false;
  }

  /** Whether it is about what the check finds at fault. */
  default boolean isOfOffender() {
    return false;
  }

  /** What may be disturbed by it, for {@link Work}. */
  default List<String> touches(List<String> offenders) {
    return List.of();
  }

  /** Has what is in swap brought back into memory. */
  record ResetSwap() implements Step {
    @Override
    public String text() {
      return "take swap off and on again, if available memory exceeds the swap in use";
    }

    @Override
    public Optional<Permit> needs() {
      return Optional.of(Permit.Restart);
    }

    @Override
    public boolean needsRoot() {
      return true;
    }

    @Override
    public boolean mends() {
      return true;
    }
  }

  /** Writes down the heaviest processes. */
  record Top(TopOrder by, int count) implements Step {
    @Override
    public String text() {
      return "record the "
          + count
          + " processes that use most "
          + (by == TopOrder.Cpu ? "CPU" : "memory");
    }
  }

  /**
   * Writes down log lines.
   *
   * @param process a PM2 process, {@code all} or {@link #OFFENDER}; null: of a unit
   * @param unit null: of PM2
   * @param matching a POSIX extended regular expression; empty: every line
   */
  record LogLines(@Nullable String process, @Nullable String unit, int lines, String matching)
      implements Step {
    @Override
    public String text() {
      return "record the last "
          + lines
          + " log lines"
          + (matching.isEmpty() ? "" : " that match " + matching)
          + " of "
          + (process == null ? unit : named(process));
    }

    @Override
    public boolean isOfOffender() {
      return OFFENDER.equals(process);
    }
  }

  /** Writes down how PM2 runs a process. */
  record Configuration(String process) implements Step {
    @Override
    public String text() {
      return "record the configuration of " + named(process);
    }

    @Override
    public boolean isOfOffender() {
      return OFFENDER.equals(process);
    }
  }

  /** Restarts PM2 processes; those in cluster mode are reloaded. */
  record Restart(List<String> processes) implements Step {
    public Restart {
      processes = List.copyOf(processes);
    }

    @Override
    public String text() {
      return "restart " + String.join(", ", processes.stream().map(Step::named).toList());
    }

    @Override
    public Optional<Permit> needs() {
      return Optional.of(Permit.Restart);
    }

    @Override
    public boolean mends() {
      return true;
    }

    @Override
    public boolean isOfOffender() {
      return processes.contains(OFFENDER);
    }

    @Override
    public List<String> touches(List<String> offenders) {
      return names(processes, offenders).stream().map(Work::pm2).toList();
    }
  }

  /** Restarts systemd units, which are named with their suffix. */
  record RestartUnits(List<String> units) implements Step {
    public RestartUnits {
      units = units.stream().map(HostLook::withSuffix).toList();
    }

    @Override
    public String text() {
      return "restart " + String.join(", ", units);
    }

    @Override
    public Optional<Permit> needs() {
      return Optional.of(Permit.Restart);
    }

    @Override
    public boolean needsRoot() {
      return true;
    }

    @Override
    public boolean mends() {
      return true;
    }

    @Override
    public List<String> touches(List<String> offenders) {
      return units.stream().map(Work::unit).toList();
    }
  }

  /** Restarts the PM2 process of a list that uses most memory. */
  record RestartHeaviest(List<String> processes) implements Step {
    public RestartHeaviest {
      processes = List.copyOf(processes);
    }

    @Override
    public String text() {
      return "restart whichever of " + String.join(", ", processes) + " uses most memory";
    }

    @Override
    public Optional<Permit> needs() {
      return Optional.of(Permit.Restart);
    }

    @Override
    public boolean mends() {
      return true;
    }

    @Override
    public List<String> touches(List<String> offenders) {
      return processes.stream().map(Work::pm2).toList();
    }
  }

  /** Stops a PM2 process. */
  record Stop(String process) implements Step {
    @Override
    public String text() {
      return "stop " + named(process);
    }

    @Override
    public Optional<Permit> needs() {
      return Optional.of(Permit.Restart);
    }

    @Override
    public boolean isOfOffender() {
      return OFFENDER.equals(process);
    }

    @Override
    public List<String> touches(List<String> offenders) {
      return names(List.of(process), offenders).stream().map(Work::pm2).toList();
    }
  }

  /** Leaves everything else to a person. */
  record Hold() implements Step {
    @Override
    public String text() {
      return "do nothing more until a person acknowledges";
    }
  }

  /**
   * Frees disk space.
   *
   * @param journalOlderThan null: the journal is left alone
   * @param protectedPaths below these nothing is touched
   */
  record CleanUp(
      boolean packageCache,
      @Nullable Duration journalOlderThan,
      boolean unusedImages,
      List<String> protectedPaths)
      implements Step {
    public CleanUp {
      protectedPaths = List.copyOf(protectedPaths);
    }

    @Override
    public String text() {
      var parts = new ArrayList<String>();
      if (packageCache) {
        parts.add("the package cache");
      }
      if (journalOlderThan != null) {
        parts.add("journal entries older than " + Durations.text(journalOlderThan));
      }
      if (unusedImages) {
        parts.add("unused container images");
      }
      return "remove " + String.join(", ", parts);
    }

    @Override
    public Optional<Permit> needs() {
      return Optional.of(Permit.Update);
    }

    @Override
    public boolean needsRoot() {
      return true;
    }

    @Override
    public boolean mends() {
      return true;
    }
  }

  /** The step that a policy writes; nothing if it names a kind that this version does not know. */
  static Optional<Step> of(RemedyStep step) {
    return Stream.<@Nullable Step>of(
            step.resetSwap() == null ? null : new ResetSwap(),
            step.recordTop() == null ? null : top(step.recordTop()),
            step.recordLogs() == null ? null : logLines(step.recordLogs()),
            step.recordConfig() == null ? null : new Configuration(step.recordConfig().pm2()),
            step.restart() == null
                ? null
                : step.restart().systemd().isEmpty()
                    ? new Restart(step.restart().pm2())
                    : new RestartUnits(step.restart().systemd()),
            step.restartHeaviest() == null
                ? null
                : new RestartHeaviest(step.restartHeaviest().pm2()),
            step.stop() == null ? null : new Stop(step.stop().pm2()),
            step.hold() == null ? null : new Hold(),
            step.cleanDisk() == null ? null : cleanUp(step.cleanDisk()))
        .<Step>mapMulti(
            (one, next) -> {
              if (one != null) {
                next.accept(one);
              }
            })
        .findFirst();
  }

  private static Step top(RecordTop top) {
    return new Top(
        Objects.requireNonNullElse(top.by(), TopOrder.Memory),
        Objects.requireNonNullElse(top.count(), 10));
  }

  private static Step logLines(RecordLogs logs) {
    return new LogLines(
        logs.pm2(),
        logs.journal() == null ? null : HostLook.withSuffix(logs.journal()),
        Objects.requireNonNullElse(logs.lines(), 100),
        Objects.requireNonNullElse(logs.matching(), ""));
  }

  private static Step cleanUp(CleanDisk disk) {
    return new CleanUp(
        Boolean.TRUE.equals(disk.packageCache()),
        disk.journalOlderThan() == null ? null : Durations.parse(disk.journalOlderThan()),
        Boolean.TRUE.equals(disk.unusedImages()),
        disk.protectedPaths());
  }

  private static String named(String process) {
    return switch (process) {
      case OFFENDER -> "the process that the check names";
      case "all" -> "every PM2 process";
      default -> process;
    };
  }

  /** With {@link #OFFENDER} replaced by whoever that is. */
  static List<String> names(List<String> processes, List<String> offenders) {
    return processes.stream()
        .flatMap(name -> name.equals(OFFENDER) ? offenders.stream() : Stream.of(name))
        .distinct()
        .toList();
  }
}
