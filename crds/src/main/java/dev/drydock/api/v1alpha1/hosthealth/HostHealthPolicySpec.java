package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
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

/** What is watched, on which hosts, how often, and who is told. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.interval) != has(self.schedule)",
    message =
        "set exactly one of interval (watched live by the operator) and schedule (a CronJob looks)")
@ValidationRule(
    value = "!has(self.timeZone) || has(self.schedule) || has(self.report)",
    message = "timeZone needs a schedule or a report: an interval has no time of day")
@ValidationRule(
    value = "!has(self.interval) || duration(self.interval) >= duration('5s')",
    message = "interval must be at least 5s")
public record HostHealthPolicySpec(
    @Required @JsonPropertyDescription("The hosts that are watched.") HostSelection hosts,
    @Size(max = 20)
        @Pattern(Formats.HOURS)
        @JsonPropertyDescription(
            "Time between two looks by the operator, over SSH sessions that it keeps open; at least"
                + " 5s. Instead of schedule.")
        @Nullable String interval,
    @Size(max = 100)
        @Pattern(Formats.CRON)
        @ValidationRule(value = Formats.CRON_FIRES, message = Formats.CRON_FIRES_MESSAGE)
        @ValidationRule(value = Formats.CRON_RANGES, message = Formats.CRON_RANGES_MESSAGE)
        @JsonPropertyDescription(
            "When a CronJob's pod looks once, as five cron fields. Instead of interval.")
        @Nullable String schedule,
    @Size(max = 64)
        @Pattern(Formats.TIME_ZONE)
        @ValidationRule(
            value = Formats.TIME_ZONE_EXISTS,
            message = Formats.TIME_ZONE_EXISTS_MESSAGE)
        @JsonPropertyDescription(
            "IANA time zone of schedule and report, for example Europe/Berlin. Default Etc/UTC.")
        @Nullable String timeZone,
    @Default("Observe")
        @JsonPropertyDescription(
            "Act: remedies are carried out. Observe: they only say what they would do. Default"
                + " Observe.")
        @Nullable Mode mode,
    @Default("34")
        @Min(1)
        @Max(100)
        @JsonPropertyDescription(
            "On how many of the policy's hosts remedies may be at work at the same time, in percent,"
                + " so that a fault that all share is not answered everywhere at once; on one always."
                + " Default 34.")
        @Nullable Integer maxRemediesPercent,
    @JsonProperty("notify") @JsonPropertyDescription("Who is told.") @Nullable Notify notification,
    @JsonPropertyDescription("A written report of all checks, at times of its own.")
        @Nullable Report report,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription(
            "A host that could not be looked at for so long, also where its Host does not exist or does"
                + " not permit Check, raises the alert 'unreachable', of the severity of its most"
                + " severe check; one that answers, but can't tell what a check asks, raises"
                + " 'unanswered' after that time. Default three intervals, at most 10m.")
        @Nullable String unknownAfter,
    @JsonPropertyDescription("True: nothing is looked at and nobody is told. Default false.")
        @Nullable Boolean suspend,
    @Min(10)
        @Max(86400)
        @JsonPropertyDescription(
            "With schedule: how many seconds late a look may start; later, it is skipped. Default"
                + " 300.")
        @Nullable Integer startingDeadlineSeconds,
    @Required
        @Size(min = 1, max = 50)
        @ValidationRule(
            value = "self.all(c, self.exists_one(d, d.name == c.name))",
            message = "every check needs a name of its own")
        @JsonPropertyDescription("What is checked. Each has a name, a severity and one kind.")
        List<Check> checks) {

  public HostHealthPolicySpec {
    checks = checks == null ? List.of() : List.copyOf(checks);
  }

  /** What remedies may do. */
  public enum Mode {
    Act,
    Observe
  }

  /** Who is told. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Notify(
      @Required
          @Size(min = 1, max = 20)
          @JsonPropertyDescription("Names of NotificationChannels in the same namespace.")
          List<@Size(min = 1, max = 63) @Pattern(Formats.NAME) String> channels,
      @Size(max = 20)
          @Pattern(Formats.DAYS)
          @ValidationRule(
              value = "!self.matches('^(0+[mhd])+$')",
              message = "repeatEvery must be at least 1m; leave it out to be told once")
          @JsonPropertyDescription(
              "How often an alert that goes on is told again, in minutes, hours or days, for"
                  + " example 4h. Default: never.")
          @Nullable String repeatEvery) {

    public Notify {
      channels = channels == null ? List.of() : List.copyOf(channels);
    }
  }

  /** A written report. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Report(
      @Required
          @Size(max = 100)
          @Pattern(Formats.CRON)
          @ValidationRule(value = Formats.CRON_FIRES, message = Formats.CRON_FIRES_MESSAGE)
          @ValidationRule(value = Formats.CRON_RANGES, message = Formats.CRON_RANGES_MESSAGE)
          @JsonPropertyDescription("When the report is written, as five cron fields.")
          String schedule,
      @Size(max = 20) @JsonPropertyDescription("NotificationChannels that get the report.")
          List<@Size(min = 1, max = 63) @Pattern(Formats.NAME) String> channels,
      @Default("12")
          @Min(1)
          @Max(100)
          @JsonPropertyDescription("How many reports are kept. Default 12.")
          @Nullable Integer historyLimit) {

    public Report {
      channels = channels == null ? List.of() : List.copyOf(channels);
    }
  }
}
