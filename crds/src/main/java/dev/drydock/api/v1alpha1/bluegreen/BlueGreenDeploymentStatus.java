package dev.drydock.api.v1alpha1.bluegreen;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Condition;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a new version stands, and where traffic goes. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record BlueGreenDeploymentStatus(
    @JsonPropertyDescription("The metadata.generation that this status was derived from.")
        @Nullable Long observedGeneration,
    @Size(max = 8)
        @JsonPropertyDescription(
            "Ready: the spec is accepted and at work. Healthy: the active color is up, and the last"
                + " new version did not fail. Reconciling and Stalled as kstatus reads them.")
        List<Condition> conditions,
    @JsonPropertyDescription(
            "Idle, Gating, Deploying, Soaking, AwaitingPromotion, Promoting, Watching, RollingBack"
                + " or Failed.")
        @Nullable Phase phase,
    @JsonPropertyDescription("Since when it is in this phase.") @Nullable String phaseSince,
    @JsonPropertyDescription("Why it is in this phase, and what happens next.")
        @Nullable String message,
    @JsonPropertyDescription("The color that traffic goes to.") @Nullable Color activeColor,
    @JsonPropertyDescription("The revision that traffic goes to.") @Nullable String activeRevision,
    @JsonPropertyDescription("The revision that is on its way, or that failed.")
        @Nullable String candidateRevision,
    @JsonPropertyDescription("The revision that traffic went to before.")
        @Nullable String previousRevision,
    @JsonPropertyDescription("A revision that failed and is not tried again by itself.")
        @Nullable String failedRevision,
    @Size(max = 20) @JsonPropertyDescription("Each gate, by name.") List<GateState> gates,
    @Size(max = 20) @JsonPropertyDescription("Each check of the soak or the watch, by name.")
        List<CheckState> checks,
    @Size(max = 500) @JsonPropertyDescription("Each host of compose, by name.")
        List<HostState> hosts,
    @JsonPropertyDescription("When the soak began.") @Nullable String soakStartedAt,
    @JsonPropertyDescription("When the soak ends, if nothing fails.") @Nullable String soakEndsAt,
    @JsonPropertyDescription(
            "Time left of the soak, rounded up to hours, or to minutes in the last hour.")
        @Nullable String soakLeft,
    @JsonPropertyDescription("Until when a Manual promotion is waited for.")
        @Nullable String promotionDeadlineAt,
    @JsonPropertyDescription("What is being done to traffic, written down before it is done.")
        @Nullable Switch switching,
    @JsonPropertyDescription("When the old signer was proven stopped.") @Nullable String stoppedAt,
    @JsonPropertyDescription("Until when no signer is started.") @Nullable String fencedUntil,
    @JsonPropertyDescription("When traffic was last switched.") @Nullable String promotedAt,
    @JsonPropertyDescription("Until when the new color is watched with all traffic on it.")
        @Nullable String watchEndsAt,
    @JsonPropertyDescription("Until when the previous color stays up.")
        @Nullable String previousKeptUntil,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/promote last handled.")
        @Nullable String lastHandledPromote,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/rollback last handled.")
        @Nullable String lastHandledRollback,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/retry last handled.")
        @Nullable String lastHandledRetry) {

  public BlueGreenDeploymentStatus {
    conditions = conditions == null ? List.of() : List.copyOf(conditions);
    gates = gates == null ? List.of() : List.copyOf(gates);
    checks = checks == null ? List.of() : List.copyOf(checks);
    hosts = hosts == null ? List.of() : List.copyOf(hosts);
  }

  /** Where a deployment stands. */
  public enum Phase {
    Idle,
    Gating,
    Deploying,
    Soaking,
    AwaitingPromotion,
    Promoting,
    Watching,
    RollingBack,
    Failed
  }

  /** Where a gate stands. */
  public enum GateOutcome {
    Pending,
    Running,
    Passed,
    Failed
  }

  /** One gate. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record GateState(
      @Required @JsonPropertyDescription("The gate's name.") String name,
      @Required @JsonPropertyDescription("Pending, Running, Passed or Failed.") GateOutcome outcome,
      @JsonPropertyDescription("How many failures there were; a gate passes with 0.")
          @Nullable Integer failures,
      @JsonPropertyDescription("What happened, in a sentence that says what to do.")
          @Nullable String message,
      @JsonPropertyDescription("Name of the Job that runs, or ran last.") @Nullable String job,
      @JsonPropertyDescription("When it began.") @Nullable String started,
      @JsonPropertyDescription("When it ended.") @Nullable String finished) {}

  /** One check of the soak or the watch. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record CheckState(
      @Required @JsonPropertyDescription("The check's name.") String name,
      @JsonPropertyDescription("How many looks at the candidate failed.")
          @Nullable Integer failures,
      @JsonPropertyDescription("What was last read of the candidate when it failed.")
          @Nullable String candidate,
      @JsonPropertyDescription("What was read of the active color at that time.")
          @Nullable String active,
      @JsonPropertyDescription("When a look last failed.") @Nullable String lastFailure,
      @JsonPropertyDescription("What was wrong, in a sentence.") @Nullable String message) {}

  /** One host of compose. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record HostState(
      @Required @JsonPropertyDescription("The Host's name.") String name,
      @JsonPropertyDescription("The color that its traffic goes to.") @Nullable Color activeColor,
      @JsonPropertyDescription("The commit that is up as blue.") @Nullable String blue,
      @JsonPropertyDescription("The commit that is up as green.") @Nullable String green,
      @JsonPropertyDescription("What is wrong there, and what to do.") @Nullable String message) {}

  /** What is being done to traffic. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Switch(
      @JsonPropertyDescription("The color that traffic goes to until then; absent at first.")
          @Nullable Color from,
      @Required @JsonPropertyDescription("The color that traffic is switched to.") Color to,
      @Required @JsonPropertyDescription("The revision that traffic is switched to.")
          String revision,
      @Required @JsonPropertyDescription("When this was decided.") String since,
      @JsonPropertyDescription("Why: a promotion, or what failed.") @Nullable String reason) {}
}
