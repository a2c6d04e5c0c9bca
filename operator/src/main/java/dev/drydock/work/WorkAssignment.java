package dev.drydock.work;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec.Freeze;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Work;
import dev.drydock.probe.LookAssignment.Reach;
import java.io.IOException;
import java.util.List;

/**
 * What the pod of a maintenance task is to do: everything but keys and passwords, which are mounted
 * from their Secrets.
 *
 * @param namespace of the MaintenanceSchedule
 * @param schedule the MaintenanceSchedule's name
 * @param timeZone that the task's cron expression is meant in
 * @param freezes in which nothing may start, judged again at the last moment
 * @param task as the MaintenanceSchedule has it
 * @param targets hosts that are worked on, in this order; for a database reached through a host,
 *     the one to go through; may be empty
 * @param done hosts that an earlier run, which was cut off, has done already: they are left out, as
 *     long as there are others
 */
public record WorkAssignment(
    String namespace,
    String schedule,
    String timeZone,
    List<Freeze> freezes,
    MaintenanceTask task,
    List<Target> targets,
    List<String> done) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  public WorkAssignment {
    freezes = freezes == null ? List.of() : List.copyOf(freezes);
    targets = targets == null ? List.of() : List.copyOf(targets);
    done = done == null ? List.of() : List.copyOf(done);
  }

  /**
   * One host.
   *
   * @param timeoutMillis what the Host allows for one look
   * @param sudo whether its user can become root
   */
  public record Target(
      String name, Reach reach, long timeoutMillis, List<Permit> permits, boolean sudo) {
    public Target {
      permits = permits == null ? List.of() : List.copyOf(permits);
    }
  }

  /** Who works, as locks and journals name it. */
  public String holder() {
    return "maintenance " + namespace + "/" + schedule + "/" + task.name();
  }

  /** What it may disturb on its hosts, as {@link Work} writes it. */
  public List<String> touches() {
    return HostWork.of(task).map(HostWork::touches).orElse(List.of());
  }

  /** The same text for the same assignment. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IOException if it is something else
   */
  public static WorkAssignment fromJson(String json) throws IOException {
    return JSON.readValue(json, WorkAssignment.class);
  }
}
