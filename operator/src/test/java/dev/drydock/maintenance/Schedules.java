package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;

/** Schedules for tests, as people write them. */
final class Schedules {
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private Schedules() {}

  static MaintenanceScheduleSpec of(String yaml) {
    return YAML.unmarshal(yaml, MaintenanceScheduleSpec.class);
  }
}
