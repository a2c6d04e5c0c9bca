package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.common.Severity;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the hosts are. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record HostHealthPolicyStatus(
    @JsonPropertyDescription("The metadata.generation that this status was derived from.")
        @Nullable Long observedGeneration,
    @Size(max = 8)
        @JsonPropertyDescription(
            "Ready: the policy is accepted and at work. Healthy: no host has an alert. Reconciling"
                + " and Stalled as kstatus reads them.")
        List<Condition> conditions,
    @JsonPropertyDescription("All hosts in figures.") @Nullable Summary summary,
    @JsonPropertyDescription("Name of the CronJob that looks, where the policy has a schedule.")
        @Nullable String cronJob,
    @JsonPropertyDescription("When a scheduled look last reported.") @Nullable String lastLook,
    @JsonPropertyDescription("When the last report was written.") @Nullable String lastReport,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/report last handled.")
        @Nullable String lastHandledReport,
    @Size(max = 256)
        @JsonPropertyDescription(
            "The value of the annotation drydock.dev/acknowledge last handled.")
        @Nullable String lastHandledAcknowledge,
    @Size(max = 500) @JsonPropertyDescription("Each host that the policy covers, by name.")
        List<HostState> hosts,
    @Size(max = 20) @JsonPropertyDescription("Reports that not every channel of report has.")
        List<ReportDelivery> reportsUnderway,
    @Size(max = 200)
        @JsonPropertyDescription(
            "Alerts that are over, for the next report: the newest, 20 a host at the most.")
        List<PastAlert> recentAlerts,
    @Size(max = 200)
        @JsonPropertyDescription(
            "Tries of remedies that have ended, for the next report: the newest, 20 a host at the"
                + " most.")
        List<PastRemedy> recentRemedies) {

  public HostHealthPolicyStatus {
    recentAlerts = recentAlerts == null ? List.of() : List.copyOf(recentAlerts);
    recentRemedies = recentRemedies == null ? List.of() : List.copyOf(recentRemedies);
    reportsUnderway = reportsUnderway == null ? List.of() : List.copyOf(reportsUnderway);
    conditions = conditions == null ? List.of() : List.copyOf(conditions);
    hosts = hosts == null ? List.of() : List.copyOf(hosts);
  }

  /** All hosts in figures. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Summary(
      @JsonPropertyDescription("How many hosts are covered.") int hosts,
      @JsonPropertyDescription("How many of them are healthy.") int healthy,
      @JsonPropertyDescription("How many alerts are firing.") int alerts,
      @JsonPropertyDescription("The worst alert, as host/check, or the first unknown host.")
          @Nullable String worst) {}

  /** One host. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record HostState(
      @Required @JsonPropertyDescription("The Host's name.") String name,
      @Required
          @JsonPropertyDescription(
              "Healthy; Degraded: an alert below Critical; Failing: a Critical alert; Unknown: it"
                  + " could not be looked at, and nobody knows.")
          State state,
      @JsonPropertyDescription("Why the state is Unknown.") @Nullable String message,
      @JsonPropertyDescription("Since when the host could not be looked at.")
          @Nullable String unknownSince,
      @JsonPropertyDescription(
              "Planned work that goes on there now, and who does it: what it causes raises no alert.")
          @Nullable String work,
      @Size(max = 120)
          @JsonPropertyDescription("What is wrong, was wrong just now, or may become so.")
          List<AlertState> alerts,
      @Size(max = 60) @JsonPropertyDescription("Checks that nobody knows the answer of, and why.")
          List<CheckNote> unknown,
      @Size(max = 60)
          @JsonPropertyDescription("Checks that this host can never meet, whatever it does.")
          List<CheckNote> impossible,
      @Size(max = 60) @JsonPropertyDescription("What remedies did here, one line a check.")
          List<RemedyState> remedies,
      @Size(max = 60)
          @JsonPropertyDescription("Checks that fired lately, to tell which of them flap.")
          List<FlapState> flaps,
      @Size(max = 200) @JsonPropertyDescription("Figures kept to tell how fast something grows.")
          List<Sample> samples) {

    public HostState {
      alerts = alerts == null ? List.of() : List.copyOf(alerts);
      unknown = unknown == null ? List.of() : List.copyOf(unknown);
      impossible = impossible == null ? List.of() : List.copyOf(impossible);
      remedies = remedies == null ? List.of() : List.copyOf(remedies);
      flaps = flaps == null ? List.of() : List.copyOf(flaps);
      samples = samples == null ? List.of() : List.copyOf(samples);
    }
  }

  /** How a remedy stands. */
  public enum RemedyPhase {
    Observed,
    Running,
    Helped,
    NotHelped,
    Refused,
    Failed,
    Interrupted,
    Held,
    Acknowledged
  }

  /** What the remedy of one check did on one host. Intent is written before anything is done. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record RemedyState(
      @Required @JsonPropertyDescription("The check's name.") String check,
      @Required
          @JsonPropertyDescription(
              "Observed: it said what it would do. Running. Helped: the check is fine again."
                  + " NotHelped: it is not; no further try until the alert has ended or a person"
                  + " acknowledges. Refused: a step was not safe. Failed: a step could not be done."
                  + " Interrupted: the operator ended meanwhile, and nobody knows. Held: nothing is"
                  + " done until a person acknowledges with drydock.dev/acknowledge=<host>/<check>."
                  + " Acknowledged: a person has done so.")
          RemedyPhase phase,
      @JsonPropertyDescription("When the last try began.") @Nullable String started,
      @JsonPropertyDescription("When it ended.") @Nullable String finished,
      @JsonPropertyDescription("What was seen, what was done and whether it helped.")
          @Nullable String message,
      @JsonPropertyDescription("The ConfigMap that has the whole record of the last try.")
          @Nullable String record,
      @Size(max = 100) @JsonPropertyDescription("When tries of the last 24 hours began.")
          List<String> tries) {

    public RemedyState {
      tries = tries == null ? List.of() : List.copyOf(tries);
    }
  }

  /** How often a check fired lately. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record FlapState(
      @Required @JsonPropertyDescription("The check's name.") String check,
      @Size(max = 20) @JsonPropertyDescription("When it began to fire, lately.") List<String> fired,
      @JsonPropertyDescription("Since when it is told as flapping, once, instead of each time.")
          @Nullable String since) {

    public FlapState {
      fired = fired == null ? List.of() : List.copyOf(fired);
    }
  }

  /** A figure that was read. */
  public record Sample(
      @Required @JsonPropertyDescription("The check's name.") String check,
      @Required @JsonPropertyDescription("When it was read.") String time,
      @Required @JsonPropertyDescription("The figure.") String value) {}

  /** How a host is. */
  public enum State {
    Healthy,
    Degraded,
    Failing,
    Unknown
  }

  /** Where an alert stands. */
  public enum Phase {
    Pending,
    Firing,
    Clearing,
    Resolved
  }

  /**
   * One alert. Its timers are here, so that a restart of the operator neither loses nor restarts
   * them.
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record AlertState(
      @Required @JsonPropertyDescription("The check's name.") String check,
      @Required @JsonPropertyDescription("The check's severity.") Severity severity,
      @Required
          @JsonPropertyDescription(
              "Pending: failing, but not yet for long enough. Firing: people are told. Clearing:"
                  + " fine, but not yet for long enough. Resolved: people are told so, then it goes.")
          Phase phase,
      @Required @JsonPropertyDescription("Since when it has failed.") String since,
      @JsonPropertyDescription("Since when it has been fine again.") @Nullable String fineSince,
      @JsonPropertyDescription("What was read.") @Nullable String value,
      @JsonPropertyDescription("What is wrong, in a sentence.") @Nullable String message,
      @JsonPropertyDescription("What a remedy did, or would do.") @Nullable String remedy,
      @Size(max = 20) @JsonPropertyDescription("Channels that were told that it fires.")
          List<String> told,
      @Size(max = 20) @JsonPropertyDescription("Channels that were told that it is resolved.")
          List<String> toldResolved,
      @JsonPropertyDescription("When it was last told, for repeatEvery.") @Nullable String lastTold,
      @JsonPropertyDescription(
              "Since when it fails again, while not everybody has heard yet that it was over.")
          @Nullable String failingSince,
      @Size(max = 20)
          @JsonPropertyDescription(
              "Channels that were told of the time before, and have yet to hear that it is over.")
          List<String> owed) {

    public AlertState {
      told = told == null ? List.of() : List.copyOf(told);
      toldResolved = toldResolved == null ? List.of() : List.copyOf(toldResolved);
      owed = owed == null ? List.of() : List.copyOf(owed);
    }
  }

  /** Something on a host that is over. */
  public sealed interface Past {
    /** The Host's name. */
    String host();

    /** When status said so. */
    String ended();
  }

  /** An alert that is over. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record PastAlert(
      @Required @JsonPropertyDescription("The Host's name.") String host,
      @Required @JsonPropertyDescription("The check's name.") String check,
      @Required @JsonPropertyDescription("The check's severity.") Severity severity,
      @Required @JsonPropertyDescription("Since when it failed.") String since,
      @Required @JsonPropertyDescription("When the alert ended.") String ended,
      @JsonPropertyDescription("What was wrong, in a sentence.") @Nullable String message)
      implements Past {}

  /** One try of a remedy, and how it ended. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record PastRemedy(
      @Required @JsonPropertyDescription("The Host's name.") String host,
      @Required @JsonPropertyDescription("The check's name.") String check,
      @Required @JsonPropertyDescription("How it ended.") RemedyPhase phase,
      @JsonPropertyDescription("When it began.") @Nullable String started,
      @Required @JsonPropertyDescription("When it ended.") String ended,
      @JsonPropertyDescription("What was done and whether it helped.") @Nullable String message,
      @JsonPropertyDescription("The ConfigMap that has the whole record, as long as it is kept.")
          @Nullable String record)
      implements Past {}

  /** A report on its way to people. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record ReportDelivery(
      @Required @JsonPropertyDescription("The ConfigMap that keeps the report.") String name,
      @Size(max = 20) @JsonPropertyDescription("Channels that have it.") List<String> told) {

    public ReportDelivery {
      told = told == null ? List.of() : List.copyOf(told);
    }
  }

  /** A sentence about one check. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record CheckNote(
      @Required @JsonPropertyDescription("The check's name.") String check,
      @Required @JsonPropertyDescription("Why, and what to do.") String message,
      @JsonPropertyDescription("Since when nobody knows the answer.") @Nullable String since) {}
}
