package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Text;
import java.util.stream.Collectors;

/** Tasks as people name them. */
final class Tasks {
  private Tasks() {}

  /**
   * The task of that name.
   *
   * @throws IllegalArgumentException with a sentence for people, if there is none
   */
  static MaintenanceTask named(String name, MaintenanceScheduleSpec spec) {
    return spec.tasks().stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no task '"
                        + Text.line(name, 63)
                        + "' in this schedule; it has "
                        + Text.line(
                            spec.tasks().stream()
                                .map(MaintenanceTask::name)
                                .collect(Collectors.joining(", ")),
                            500)));
  }
}
