package dev.drydock.api.v1alpha1.backup;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is saved, when, where to, and how it is proven. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "!has(self.source.volume) || !has(self.repository.volume) ||"
            + " self.source.volume.claimName != self.repository.volume.claimName",
    message =
        "the repository is on the volume that it saves: name another claim in repository.volume")
@ValidationRule(
    value =
        "!has(self.restoreDrill) || !has(self.restoreDrill.verify) ||"
            + " !has(self.restoreDrill.verify.sqlite) || has(self.source.sqlite)",
    message = "restoreDrill.verify.sqlite needs source.sqlite: verify what the source is, or files")
@ValidationRule(
    value =
        "!has(self.restoreDrill) || !has(self.restoreDrill.verify) ||"
            + " !has(self.restoreDrill.verify.postgresql) || has(self.source.postgresql)",
    message =
        "restoreDrill.verify.postgresql needs source.postgresql: verify what the source is, or"
            + " files")
@ValidationRule(
    value =
        "!has(self.restoreDrill) || !has(self.restoreDrill.verify) ||"
            + " !has(self.restoreDrill.verify.files) || has(self.source.files) ||"
            + " has(self.source.volume) || has(self.source.command)",
    message =
        "restoreDrill.verify.files needs source.files, volume or command: verify what the source"
            + " is")
public record BackupJobSpec(
    @Required
        @Size(max = 100)
        @Pattern(Formats.CRON)
        @ValidationRule(value = Formats.CRON_FIRES, message = Formats.CRON_FIRES_MESSAGE)
        @ValidationRule(value = Formats.CRON_RANGES, message = Formats.CRON_RANGES_MESSAGE)
        @JsonPropertyDescription(
            "When a backup is made, as five cron fields, with L, W and # as in Quartz.")
        String schedule,
    @Size(max = 64)
        @Pattern(Formats.TIME_ZONE)
        @ValidationRule(
            value = Formats.TIME_ZONE_EXISTS,
            message = Formats.TIME_ZONE_EXISTS_MESSAGE)
        @JsonPropertyDescription(
            "IANA time zone of all schedules, for example Europe/Berlin. Default Etc/UTC.")
        @Nullable String timeZone,
    @Required @JsonPropertyDescription("What is saved. Exactly one kind.") Source source,
    @Required
        @JsonPropertyDescription(
            "The restic repository. What is saved is encrypted before it gets there.")
        Repository repository,
    @JsonPropertyDescription("Which backups are kept. Default: all.") @Nullable Retention retention,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription(
            "If the newest restorable backup is older than this, or there is none, Fresh is False"
                + " and people are told as Stale. Default: nobody is.")
        @Nullable String maxAge,
    @JsonPropertyDescription("The repository is read again, and errors in it are found.")
        @Nullable IntegrityCheck integrityCheck,
    @JsonPropertyDescription(
            "A backup is restored into scratch, looked at and thrown away; never onto the host.")
        @Nullable RestoreDrill restoreDrill,
    @JsonProperty("notify") @JsonPropertyDescription("Who is told.") @Nullable Notify notification,
    @JsonPropertyDescription(
            "True: no backup, check or drill starts. Age is still watched. Default false.")
        @Nullable Boolean suspend,
    @Default("3600")
        @Min(10)
        @Max(86400)
        @JsonPropertyDescription(
            "How many seconds late a backup may start; later, it is Missed. Default 3600.")
        @Nullable Integer startingDeadlineSeconds,
    @Default("21600")
        @Min(60)
        @Max(604800)
        @JsonPropertyDescription(
            "Seconds after which a backup, check or drill is ended as Failed. Default 21600.")
        @Nullable Integer activeDeadlineSeconds,
    @Default("3")
        @Min(0)
        @Max(100)
        @JsonPropertyDescription("How many successful Jobs of each kind are kept. Default 3.")
        @Nullable Integer successfulJobsHistoryLimit,
    @Default("3")
        @Min(0)
        @Max(100)
        @JsonPropertyDescription("How many failed Jobs of each kind are kept. Default 3.")
        @Nullable Integer failedJobsHistoryLimit) {

  /** Which backups are kept: each that one of these rules wants. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value =
          "has(self.keepLast) || has(self.keepHourly) || has(self.keepDaily) ||"
              + " has(self.keepWeekly) || has(self.keepMonthly) || has(self.keepYearly)",
      message =
          "retention would keep nothing: set at least one of keepLast, keepHourly, keepDaily,"
              + " keepWeekly, keepMonthly, keepYearly, or leave retention out")
  public record Retention(
      @Min(1) @Max(10000) @JsonPropertyDescription("The newest backups, so many.")
          @Nullable Integer keepLast,
      @Min(1) @Max(10000) @JsonPropertyDescription("The last of each hour, for so many hours.")
          @Nullable Integer keepHourly,
      @Min(1) @Max(10000) @JsonPropertyDescription("The last of each day, for so many days.")
          @Nullable Integer keepDaily,
      @Min(1) @Max(10000) @JsonPropertyDescription("The last of each week, for so many weeks.")
          @Nullable Integer keepWeekly,
      @Min(1) @Max(10000) @JsonPropertyDescription("The last of each month, for so many months.")
          @Nullable Integer keepMonthly,
      @Min(1) @Max(10000) @JsonPropertyDescription("The last of each year, for so many years.")
          @Nullable Integer keepYearly) {}

  /** The repository is read again. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record IntegrityCheck(
      @Required
          @Size(max = 100)
          @Pattern(Formats.CRON)
          @ValidationRule(value = Formats.CRON_FIRES, message = Formats.CRON_FIRES_MESSAGE)
          @ValidationRule(value = Formats.CRON_RANGES, message = Formats.CRON_RANGES_MESSAGE)
          @JsonPropertyDescription("When, as five cron fields.")
          String schedule,
      @Default("10")
          @Min(1)
          @Max(100)
          @JsonPropertyDescription(
              "Share of the data that is read and compared each time, another one each time, in"
                  + " percent: without it flipped bits are not found. Default 10.")
          @Nullable Integer readDataPercent) {}

  /** Who is told. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Notify(
      @Required
          @Size(min = 1, max = 20)
          @JsonPropertyDescription("Names of NotificationChannels in the same namespace.")
          List<@Size(min = 1, max = 63) @Pattern(Formats.NAME) String> channels,
      @JsonAlias("true")
          @Size(min = 1, max = 6)
          @JsonPropertyDescription(
              "What is told: Succeeded, Failed, Missed, Stale, CheckFailed, DrillFailed. Default"
                  + " Failed, Stale, CheckFailed and DrillFailed.")
          List<Occasion> on) {

    public Notify {
      channels = channels == null ? List.of() : List.copyOf(channels);
      on = on == null ? List.of() : List.copyOf(on);
    }
  }

  /** What people can be told. */
  public enum Occasion {
    Succeeded,
    Failed,
    Missed,
    Stale,
    CheckFailed,
    DrillFailed
  }
}
