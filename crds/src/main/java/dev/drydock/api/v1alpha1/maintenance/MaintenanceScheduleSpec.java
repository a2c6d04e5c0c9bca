package dev.drydock.api.v1alpha1.maintenance;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.api.v1alpha1.common.HostSelection;
import dev.drydock.api.v1alpha1.common.Outcome;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is done, when, and who is told. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "has(self.hosts) || self.tasks.all(t, has(t.hosts) || !(has(t.systemUpdate) ||"
            + " has(t.serviceRestart) || has(t.command)))",
    message =
        "systemUpdate, serviceRestart and command are done on hosts: set spec.hosts, or hosts of"
            + " the task")
@ValidationRule(
    value =
        "has(self.hosts) || self.tasks.all(t, has(t.hosts) || !has(t.audit) ||"
            + " !(has(t.audit.sysctl) || has(t.audit.pm2)))",
    message = "an audit of sysctl or pm2 looks at hosts: set spec.hosts, or hosts of the task")
@ValidationRule(
    value =
        "has(self.hosts) || self.tasks.all(t, has(t.hosts) || !((has(t.vacuum) &&"
            + " has(t.vacuum.postgresql.viaHost) && t.vacuum.postgresql.viaHost) || (has(t.audit)"
            + " && ((has(t.audit.postgresql) && has(t.audit.postgresql.viaHost) &&"
            + " t.audit.postgresql.viaHost) || (has(t.audit.redis) && has(t.audit.redis.viaHost)"
            + " && t.audit.redis.viaHost)))))",
    message = "viaHost needs a host to go through: set spec.hosts, or hosts of the task")
@ValidationRule(
    value = "has(self.notify) || self.tasks.all(t, !has(t.announce) || has(t.announce.channels))",
    message = "announce has nobody to tell: set announce.channels, or spec.notify")
public record MaintenanceScheduleSpec(
    @Size(max = 64)
        @Pattern(Formats.TIME_ZONE)
        @ValidationRule(
            value = Formats.TIME_ZONE_EXISTS,
            message = Formats.TIME_ZONE_EXISTS_MESSAGE)
        @JsonPropertyDescription(
            "IANA time zone of all schedules, for example Europe/Berlin. Default Etc/UTC.")
        @Nullable String timeZone,
    @JsonPropertyDescription("The hosts that are worked on. A task may name its own.")
        @Nullable HostSelection hosts,
    @Size(max = 50)
        @JsonPropertyDescription(
            "Times in which nothing starts; a run that is due then, or that a person starts, ends as"
                + " Frozen. Checklists open all the same.")
        List<Freeze> freezes,
    @JsonProperty("notify") @JsonPropertyDescription("Who is told how runs ended.")
        @Nullable Notify notification,
    @JsonPropertyDescription(
            "True: no task starts; what runs comes to its end. Next runs are still shown. Default"
                + " false.")
        @Nullable Boolean suspend,
    @Default("30")
        @Min(1)
        @Max(100)
        @JsonPropertyDescription(
            "How many successful Jobs, and with them their logs, are kept of each task: 30 days of a"
                + " daily one. Default 30.")
        @Nullable Integer successfulJobsHistoryLimit,
    @Default("30")
        @Min(1)
        @Max(100)
        @JsonPropertyDescription(
            "How many failed Jobs, and with them their logs, are kept of each task. Default 30.")
        @Nullable Integer failedJobsHistoryLimit,
    @Required
        @Size(min = 1, max = 50)
        @ValidationRule(
            value = "self.all(t, self.exists_one(u, u.name == t.name))",
            message = "every task needs a name of its own")
        @ValidationRule(
            value = "self.all(t, !has(t.after) || t.after.all(a, a in self.map(u, u.name)))",
            message = "after names a task that is not there: name a task of this schedule")
        @ValidationRule(
            value = "self.all(t, !has(t.after) || !(t.name in t.after))",
            message = "a task can't come after itself: take its name out of after")
        @ValidationRule(
            value =
                "self.all(t, !has(t.after) || t.after.all(a, !self.exists(u, u.name == a &&"
                    + " has(u.after) && t.name in u.after)))",
            message = "two tasks come after each other and would wait for ever: take one after out")
        @JsonPropertyDescription(
            "What is done. Each has a name, a schedule and exactly one kind of work.")
        List<MaintenanceTask> tasks) {

  public MaintenanceScheduleSpec {
    freezes = freezes == null ? List.of() : List.copyOf(freezes);
    tasks = tasks == null ? List.of() : List.copyOf(tasks);
  }

  /** A time in which nothing starts. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "timestamp(self.from) < timestamp(self.to)",
      message = "a freeze ends after it begins: set to to a time after from")
  public record Freeze(
      @Required
          @Size(max = 35)
          @Pattern(Formats.DATE_TIME)
          @ValidationRule(value = Formats.DATE_EXISTS, message = Formats.DATE_EXISTS_MESSAGE)
          @JsonPropertyDescription("When it begins, as in 2026-12-20T00:00:00Z.")
          String from,
      @Required
          @Size(max = 35)
          @Pattern(Formats.DATE_TIME)
          @ValidationRule(value = Formats.DATE_EXISTS, message = Formats.DATE_EXISTS_MESSAGE)
          @JsonPropertyDescription("When it is over, as in 2027-01-03T00:00:00Z.")
          String to,
      @Size(max = 256) @JsonPropertyDescription("Why, for those who wonder.")
          @Nullable String reason) {}

  /** Who is told. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Notify(
      @Required
          @Size(min = 1, max = 20)
          @JsonPropertyDescription("Names of NotificationChannels in the same namespace.")
          List<@Size(min = 1, max = 63) @Pattern(Formats.NAME) String> channels,
      @JsonAlias("true")
          @Size(min = 1, max = 7)
          @JsonPropertyDescription(
              "Outcomes that are told: Succeeded, Failed, Missed, CutOff, Frozen, Blocked, Skipped."
                  + " Default Failed, Missed, CutOff and Blocked. A host that does not come back is"
                  + " told whatever this says, and so is a checklist that opens.")
          List<Outcome> on) {

    public Notify {
      channels = channels == null ? List.of() : List.copyOf(channels);
      on = on == null ? List.of() : List.copyOf(on);
    }
  }
}
