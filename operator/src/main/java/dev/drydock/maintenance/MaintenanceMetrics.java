package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.TaskState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code drydock_task_*}: one gauge for each that is known of a task, and no other. */
public final class MaintenanceMetrics {
  private final MeterRegistry registry;
  private final Map<String, Map<String, Known>> schedules = new ConcurrentHashMap<>();

  public MaintenanceMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** The gauges of one task, each by its name and what it shows. */
  private static final class Known {
    private final Map<String, Shown> gauges = new HashMap<>();
    private @Nullable TaskState state;
  }

  private record Shown(Meter meter, AtomicReference<Double> value) {}

  /** Shows what {@code states} say; a task that is no more goes. */
  void update(MaintenanceSchedule schedule, List<TaskState> states) {
    Map<String, Known> tasks = schedules.computeIfAbsent(key(schedule), _ -> new HashMap<>());
    synchronized (tasks) {
      tasks
          .entrySet()
          .removeIf(
              entry -> {
                boolean isGone =
                    states.stream().noneMatch(state -> state.name().equals(entry.getKey()));
                if (isGone) {
                  entry.getValue().gauges.values().forEach(shown -> registry.remove(shown.meter()));
                }
                return isGone;
              });
      for (TaskState state : states) {
        Known known = tasks.computeIfAbsent(state.name(), _ -> new Known());
        if (!state.equals(known.state)) {
          known.state = state;
          show(schedule, state, known.gauges);
        }
      }
    }
  }

  void gone(MaintenanceSchedule schedule) {
    update(schedule, List.of());
    schedules.remove(key(schedule));
  }

  private void show(MaintenanceSchedule schedule, TaskState state, Map<String, Shown> gauges) {
    Tags tags =
        Tags.of(
            "namespace", schedule.getMetadata().getNamespace(),
            "schedule", schedule.getMetadata().getName(),
            "task", state.name());
    Run run = state.lastRun();
    @Nullable Instant started = run == null ? null : instant(run.started());
    @Nullable Instant finished = run == null ? null : instant(run.finished());
    @Nullable Instant due = run == null ? null : instant(run.scheduled());
    show("next.run.timestamp", "When it is due next", tags, seconds(state.nextRun()), gauges);
    show(
        "last.success.timestamp",
        "When a run last succeeded",
        tags,
        seconds(state.lastSuccess()),
        gauges);
    if (run != null && finished != null) {
      show(
          "last.run.timestamp",
          "When the last run ended",
          tags,
          (double) finished.getEpochSecond(),
          gauges);
      for (Outcome outcome : Outcome.values()) {
        show(
            "outcome",
            "1 for how the last run ended",
            tags.and("outcome", outcome.name()),
            outcome == run.outcome() ? 1.0 : null,
            gauges);
      }
    }
    if (started != null && due != null) {
      show(
          "lateness",
          "How long after its due time the last run started",
          tags,
          between(due, started),
          gauges);
    }
    if (started != null && finished != null) {
      show("duration", "How long the last run took", tags, between(started, finished), gauges);
    }
  }

  /** A value of null takes the gauge away. */
  private void show(
      String name,
      String description,
      Tags tags,
      @Nullable Double value,
      Map<String, Shown> gauges) {
    String key = name + tags;
    Shown shown = gauges.get(key);
    if (value == null) {
      if (shown != null) {
        registry.remove(shown.meter());
        gauges.remove(key);
      }
    } else if (shown != null) {
      shown.value().set(value);
    } else {
      var held = new AtomicReference<>(value);
      gauges.put(
          key,
          new Shown(
              Gauge.builder("drydock.task." + name, held, AtomicReference::get)
                  .description(description)
                  .baseUnit(name.equals("outcome") ? null : "seconds")
                  .tags(tags)
                  .strongReference(true)
                  .register(registry),
              held));
    }
  }

  private static @Nullable Double seconds(@Nullable String time) {
    return time == null ? null : (double) Instant.parse(time).getEpochSecond();
  }

  private static double between(Instant from, Instant to) {
    return Duration.between(from, to).toMillis() / 1000.0;
  }

  private static @Nullable Instant instant(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }

  private static String key(MaintenanceSchedule schedule) {
    return schedule.getMetadata().getNamespace() + "/" + schedule.getMetadata().getName();
  }
}
