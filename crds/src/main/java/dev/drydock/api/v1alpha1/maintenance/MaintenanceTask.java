package dev.drydock.api.v1alpha1.maintenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Container;
import dev.drydock.api.v1alpha1.common.Formats;
import dev.drydock.api.v1alpha1.common.HostSelection;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One piece of work, and when it is due. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "[has(self.healthReport), has(self.systemUpdate), has(self.vacuum),"
            + " has(self.serviceRestart), has(self.audit), has(self.checklist), has(self.command),"
            + " has(self.container)].filter(x, x).size() == 1",
    message =
        "a task does exactly one kind of work; set one of healthReport, systemUpdate, vacuum,"
            + " serviceRestart, audit, checklist, command, container")
@ValidationRule(
    value =
        "!has(self.hosts) || !(has(self.healthReport) || has(self.checklist) ||"
            + " has(self.container))",
    message =
        "healthReport, checklist and container are not done on hosts: leave hosts out of this"
            + " task")
@ValidationRule(
    value =
        "!has(self.strategy) || has(self.systemUpdate) || has(self.serviceRestart) ||"
            + " has(self.command) || has(self.audit)",
    message =
        "strategy says how many hosts at once: leave it out where work is not done host by host")
@ValidationRule(
    value = "!has(self.checklist) || !has(self.approval) || self.approval == 'None'",
    message = "a checklist is done by people, there is nothing to approve: leave approval out")
@ValidationRule(
    value = "!has(self.checklist) || !has(self.window)",
    message = "a checklist has a due time instead of a window: set checklist.due")
@ValidationRule(
    value = "!has(self.checklist) || !has(self.activeDeadlineSeconds)",
    message = "a checklist is not a Job: set checklist.due instead of activeDeadlineSeconds")
@ValidationRule(
    value = "!has(self.window) || !has(self.startingDeadlineSeconds)",
    message = "a window says how late a task may start: leave startingDeadlineSeconds out")
public record MaintenanceTask(
    @Required
        @Size(min = 1, max = 50)
        @Pattern(Formats.NAME)
        @JsonPropertyDescription("The task's name, unique in this schedule.")
        String name,
    @Required
        @Size(max = 100)
        @Pattern(Formats.CRON)
        @ValidationRule(value = Formats.CRON_FIRES, message = Formats.CRON_FIRES_MESSAGE)
        @ValidationRule(value = Formats.CRON_RANGES, message = Formats.CRON_RANGES_MESSAGE)
        @JsonPropertyDescription(
            "When it is due, as five cron fields, or @daily and the like; L, W and # as in Quartz: 0"
                + " 2 ? * SUN#1 is the first Sunday of each month.")
        String schedule,
    @JsonPropertyDescription("The hosts of this task, instead of spec.hosts.")
        @Nullable HostSelection hosts,
    @JsonPropertyDescription(
            "Until when it may start. Work that has begun has until the window closes, and half an"
                + " hour at the least; an installation is never cut off. Default: see"
                + " startingDeadlineSeconds.")
        @Nullable Window window,
    @Size(min = 1, max = 10)
        @JsonPropertyDescription(
            "Tasks of this schedule that go first where both are due: it"
                + " waits for their end, and is Blocked unless they ended as Succeeded or Skipped. A"
                + " run started by hand does not wait.")
        List<@Size(min = 1, max = 50) @Pattern(Formats.NAME) String> after,
    @JsonPropertyDescription("Who is told beforehand.") @Nullable Announce announce,
    @Default("None")
        @JsonPropertyDescription(
            "Required: a run starts only if it was approved with the annotation"
                + " drydock.dev/approve=<task>@<date> for the date that it is due on, or started by hand"
                + " on, and that still stands there when it starts; else it ends as Blocked. Several"
                + " with commas. Default None.")
        @Nullable Approval approval,
    @JsonPropertyDescription("How many hosts at once, and how many may fail.")
        @Nullable Strategy strategy,
    @JsonPropertyDescription("True: this task does not start. Default false.")
        @Nullable Boolean suspend,
    @JsonPropertyDescription(
            "True: it starts on a host that has a firing alert of severity Critical, too. Default"
                + " false: it waits for the alert's end, and ends as Blocked if its time is over"
                + " first.")
        @Nullable Boolean ignoreAlerts,
    @Min(10)
        @Max(86400)
        @JsonPropertyDescription(
            "How many seconds late it may start where it has no window; later, it is Missed."
                + " Default 300, and 3600 for a task that comes after others.")
        @Nullable Integer startingDeadlineSeconds,
    @Min(120)
        @Max(604800)
        @JsonPropertyDescription(
            "Seconds after which a run is ended as Failed, whatever it does. Default 21600. No host"
                + " is begun in the last minute, nor in the quarter before that, which is half an hour"
                + " at the most; none is rebooted that may not be back, by reboot.timeout, before"
                + " that minute. A container is ended when its window closes, too, but not in its first"
                + " half hour.")
        @Nullable Integer activeDeadlineSeconds,
    @JsonPropertyDescription(
            "Looks at everything that policies check, and writes a report, of which the newest 12"
                + " are kept. A check that is bad or unknown ends the run as Failed.")
        @Nullable HealthReport healthReport,
    @JsonPropertyDescription(
            "Brings the packages of hosts up to date. The Host must permit Update, and, unless"
                + " reboot.policy is Never, Reboot.")
        @Nullable SystemUpdate systemUpdate,
    @JsonPropertyDescription(
            "VACUUM of PostgreSQL databases, without downtime. A Host that it goes through must"
                + " permit Check.")
        @Nullable Vacuum vacuum,
    @JsonPropertyDescription(
            "Restarts services. The Host must permit Restart; systemd units need its sudo, or root"
                + " as its user.")
        @Nullable ServiceRestart serviceRestart,
    @JsonPropertyDescription(
            "Compares settings with what they should be, and mends those that it is told to. Hosts"
                + " that it looks at must permit Check.")
        @Nullable Audit audit,
    @JsonPropertyDescription(
            "Things that a person does; done by the annotation drydock.dev/done=<task>.")
        @Nullable Checklist checklist,
    @JsonPropertyDescription("A command on hosts. The Host must permit Command.")
        @Nullable HostCommand command,
    @JsonPropertyDescription(
            "A pod of your own, in the same namespace; as another user than root, as Pod Security"
                + " restricted wants it.")
        @Nullable Container container) {

  public MaintenanceTask {
    after = after == null ? List.of() : List.copyOf(after);
  }

  /** Whether a person has to agree. */
  public enum Approval {
    Required,
    None
  }

  /** How long work may start and run. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value =
          "duration(self.duration) >= duration('1m') && duration(self.duration) <="
              + " duration('168h')",
      message = "a window's duration must be between 1m and 168h")
  @ValidationRule(
      value = "!has(self.cutoff) || duration(self.cutoff) < duration(self.duration)",
      message = "cutoff must be shorter than duration: nothing could ever start")
  public record Window(
      @Required
          @Size(max = 20)
          @Pattern(Formats.HOURS)
          @JsonPropertyDescription(
              "How long the window is open, from the due time on, for example 2h.")
          String duration,
      @Size(max = 20)
          @Pattern(Formats.HOURS)
          @JsonPropertyDescription(
              "Nothing starts in the last part of the window, for example 30m. Default 0s.")
          @Nullable String cutoff) {}

  /** Who is told beforehand. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Announce(
      @Required
          @Size(min = 1, max = 10)
          @JsonPropertyDescription("How long before each run people are told, for example 28d, 1d.")
          List<@Size(max = 20) @Pattern(Formats.DURATION) String> before,
      @Size(min = 1, max = 20)
          @JsonPropertyDescription("NotificationChannels that are told. Default: those of notify.")
          List<@Size(min = 1, max = 63) @Pattern(Formats.NAME) String> channels) {

    public Announce {
      before = before == null ? List.of() : List.copyOf(before);
      channels = channels == null ? List.of() : List.copyOf(channels);
    }
  }

  /** How work goes through the hosts. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Strategy(
      @Default("1")
          @Min(1)
          @Max(100)
          @JsonPropertyDescription(
              "How many hosts are worked on at once; of them one is rebooted at a time. Default 1.")
          @Nullable Integer maxParallel,
      @Default("0")
          @Min(0)
          @Max(500)
          @JsonPropertyDescription(
              "No further host is begun when more than this have failed or were Blocked; after one"
                  + " that did not come back none is. Default 0.")
          @Nullable Integer maxFailures) {}

  /** A report of what policies check. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record HealthReport(
      @Required
          @Size(min = 1, max = 50)
          @JsonPropertyDescription("HostHealthPolicies of the same namespace.")
          List<@Size(min = 1, max = 44) @Pattern(Formats.NAME) String> policies,
      @Size(min = 1, max = 50) @JsonPropertyDescription("Names of checks. Default: all.")
          List<@Size(min = 1, max = 63) @Pattern(Formats.NAME) String> checks,
      @Size(min = 1, max = 20)
          @JsonPropertyDescription(
              "NotificationChannels that get the report. Default: it is only written.")
          List<@Size(min = 1, max = 63) @Pattern(Formats.NAME) String> channels) {

    public HealthReport {
      policies = policies == null ? List.of() : List.copyOf(policies);
      checks = checks == null ? List.of() : List.copyOf(checks);
      channels = channels == null ? List.of() : List.copyOf(channels);
    }
  }

  /** A list for people. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Checklist(
      @Required @Size(min = 1, max = 50) @JsonPropertyDescription("What is to be done.")
          List<@Size(min = 1, max = 512) String> items,
      @Size(max = 20)
          @Pattern(Formats.DURATION)
          @JsonPropertyDescription(
              "How long people have; then it is overdue and shown as Failed. Default 72h.")
          @Nullable String due) {

    public Checklist {
      items = items == null ? List.of() : List.copyOf(items);
    }
  }

  /** A command on a host. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record HostCommand(
      @Required
          @Size(min = 1, max = 4096)
          @Pattern(Formats.NOT_BLANK)
          @JsonPropertyDescription("A command line, read by /bin/sh on the host.")
          String run,
      @Size(min = 1, max = 32)
          @Pattern(Formats.USER)
          @JsonPropertyDescription(
              "The user that runs it; another than the Host's own needs sudo. Default: the Host's.")
          @Nullable String user,
      @Size(max = 20)
          @Pattern(Formats.DURATION)
          @JsonPropertyDescription(
              "How long it may take; then it is killed with all that it started. Default 10m.")
          @Nullable String timeout,
      @JsonPropertyDescription(
              "What it stops, restarts or slows down: that is no alert while it runs. Default:"
                  + " nothing, and alerts are raised as ever.")
          @Nullable Disturbance disturbs) {}

  /** What may go wrong on a host because of planned work. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "has(self.host) || has(self.pm2) || has(self.systemd)",
      message = "name what is disturbed: set host, pm2 or systemd, or leave disturbs out")
  public record Disturbance(
      @ValidationRule(
              value = "self",
              message = "host: false disturbs nothing: set it to true, or leave it out")
          @JsonPropertyDescription(
              "True: everything on the host, as a reboot does; the host may be out of sight, too.")
          @Nullable Boolean host,
      @Size(min = 1, max = 50)
          @JsonPropertyDescription("Names of PM2 processes; all means each of them.")
          List<@Size(min = 1, max = 128) @Pattern(Formats.PROCESS) String> pm2,
      @Size(min = 1, max = 50) @JsonPropertyDescription("systemd units; .service may be left out.")
          List<@Size(min = 1, max = 255) @Pattern(Formats.UNIT) String> systemd) {

    public Disturbance {
      pm2 = pm2 == null ? List.of() : List.copyOf(pm2);
      systemd = systemd == null ? List.of() : List.copyOf(systemd);
    }
  }
}
