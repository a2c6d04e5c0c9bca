package dev.drydock.api.v1alpha1.maintenance;

import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** What is done on hosts and databases, when, and in which order. */
@Group("drydock.dev")
@Version("v1alpha1")
@Plural("maintenanceschedules")
@Singular("maintenanceschedule")
@ShortNames("ms")
@ValidationRule(
    value = "self.spec.tasks.all(t, self.metadata.name.size() + t.name.size() <= 51)",
    message =
        "the schedule's name and a task's name have 51 characters together at the most: they name"
            + " a CronJob; shorten one of them")
public class MaintenanceSchedule
    extends CustomResource<MaintenanceScheduleSpec, MaintenanceScheduleStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  @Override
  @SuppressWarnings("NullAway") // CustomResource is not annotated; an absent part stays absent.
  protected MaintenanceScheduleSpec initSpec() {
    return null;
  }

  @Override
  @SuppressWarnings("NullAway")
  protected MaintenanceScheduleStatus initStatus() {
    return null;
  }
}
