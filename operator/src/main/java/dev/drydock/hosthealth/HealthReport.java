package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Summary;
import dev.drydock.kernel.Conditions;
import dev.drydock.report.Recent;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** From the hosts' states to the policy's status. Pure. */
final class HealthReport {
  private static final int NAMED = 3;

  private static final String CROWDED =
      "; its status has no room for all that is known of so many hosts and checks, and texts, what"
          + " is over and how databases grew are cut short: split the policy";

  private HealthReport() {}

  /** Whether a policy is at work, and if not, why. */
  sealed interface Work {}

  /** It is. */
  record AtWork(String reason, String message) implements Work {}

  /** Nobody is to look. */
  record Suspended() implements Work {}

  /** It can't be, until a person changes something. */
  record Stalled(String reason, String message) implements Work {}

  /**
   * What a turn came to.
   *
   * @param cronJob the CronJob that looks, or null
   * @param lastLook when the newest scheduled look ended, or null
   * @param acknowledged the annotation's value that was handled; empty: none
   * @param missingChannels channels that the policy names and that don't exist
   * @param reports how the written reports stand
   */
  record Outcome(
      Work work,
      List<HostState> hosts,
      @Nullable String cronJob,
      @Nullable String lastLook,
      String acknowledged,
      List<String> missingChannels,
      ReportDesk.Reports reports) {}

  static HostHealthPolicyStatus status(HostHealthPolicy policy, Outcome outcome, Instant now) {
    @Nullable HostHealthPolicyStatus previous = policy.getStatus();
    var conditions =
        new Conditions(
            previous == null ? List.of() : previous.conditions(),
            now,
            policy.getMetadata().getGeneration());
    conditions.without("Reconciling").without("Stalled");
    ready(conditions, outcome.work(), "");
    List<HostState> covered = outcome.hosts().stream().filter(HealthPlan::isCovered).toList();
    healthy(conditions, covered);
    notifying(conditions, policy, outcome.missingChannels());
    StatusRoom.Fitted fitted =
        StatusRoom.fit(
            new HostHealthPolicyStatus(
                policy.getMetadata().getGeneration(),
                conditions.list(),
                summary(covered),
                outcome.cronJob(),
                outcome.lastLook(),
                outcome.reports().lastReport(),
                outcome.reports().lastHandled(),
                acknowledged(policy, outcome),
                outcome.hosts(),
                outcome.reports().underway(),
                Recent.alerts(previous, outcome.hosts(), now),
                Recent.remedies(previous, outcome.hosts())));
    return fitted.crowded()
        ? with(fitted.status(), ready(conditions, outcome.work(), CROWDED).list())
        : fitted.status();
  }

  private static HostHealthPolicyStatus with(
      HostHealthPolicyStatus status, List<Condition> conditions) {
    return new HostHealthPolicyStatus(
        status.observedGeneration(),
        conditions,
        status.summary(),
        status.cronJob(),
        status.lastLook(),
        status.lastReport(),
        status.lastHandledReport(),
        status.lastHandledAcknowledge(),
        status.hosts(),
        status.reportsUnderway(),
        status.recentAlerts(),
        status.recentRemedies());
  }

  /**
   * @param remark comes after what else is said; may be empty
   */
  private static Conditions ready(Conditions conditions, Work work, String remark) {
    return switch (work) {
      case AtWork(String reason, String message) ->
          conditions.with("Ready", true, reason, message + remark);
      case Suspended _ ->
          conditions.with(
              "Ready", true, "Suspended", "spec.suspend is true: nothing is looked at" + remark);
      case Stalled(String reason, String message) ->
          conditions
              .with("Ready", false, reason, message + remark)
              .with("Stalled", true, reason, message);
    };
  }

  /** The value that was handled last: once a person has taken it away, it is new again. */
  private static @Nullable String acknowledged(HostHealthPolicy policy, Outcome outcome) {
    if (!outcome.acknowledged().isEmpty()) {
      return outcome.acknowledged();
    }
    Map<String, String> annotations = policy.getMetadata().getAnnotations();
    boolean stands = annotations != null && annotations.containsKey(Acknowledgement.ANNOTATION);
    return stands && policy.getStatus() != null
        ? policy.getStatus().lastHandledAcknowledge()
        : null;
  }

  private static void healthy(Conditions conditions, List<HostState> hosts) {
    List<String> firing =
        hosts.stream()
            .flatMap(
                host ->
                    host.alerts().stream()
                        .filter(HealthPlan::isFiring)
                        .sorted(BY_SEVERITY)
                        .map(alert -> host.name() + ": " + alert.check() + ": " + alert.message()))
            .toList();
    List<String> unknown =
        hosts.stream()
            .filter(host -> host.state() == State.Unknown)
            .map(host -> host.name() + ": " + host.message())
            .toList();
    if (!firing.isEmpty()) {
      conditions.with("Healthy", false, "AlertsFiring", some(firing));
    } else if (!unknown.isEmpty()) {
      conditions.unknown("Healthy", "HostsUnknown", some(unknown));
    } else if (hosts.isEmpty()) {
      conditions.unknown(
          "Healthy",
          "NoHosts",
          "no Host in this namespace has the labels that spec.hosts asks for");
    } else {
      conditions.with("Healthy", true, "AllFine", "every check of every host is fine");
    }
  }

  private static String some(List<String> texts) {
    String first = String.join("; ", texts.subList(0, Math.min(NAMED, texts.size())));
    return texts.size() > NAMED ? first + "; and " + (texts.size() - NAMED) + " more" : first;
  }

  private static void notifying(
      Conditions conditions, HostHealthPolicy policy, List<String> missing) {
    boolean reports =
        policy.getSpec().report() != null && !policy.getSpec().report().channels().isEmpty();
    if (policy.getSpec().notification() == null && !reports) {
      conditions.without("Notifying");
    } else if (missing.isEmpty()) {
      conditions.with("Notifying", true, "ChannelsFound", "every channel exists");
    } else {
      conditions.with(
          "Notifying",
          false,
          "ChannelNotFound",
          "there is no NotificationChannel "
              + String.join(", ", missing)
              + " in this namespace: create it, or take it out of spec.notify.channels and"
              + " spec.report.channels");
    }
  }

  private static final Comparator<AlertState> BY_SEVERITY =
      Comparator.comparing(AlertState::severity).reversed();

  private static Summary summary(List<HostState> hosts) {
    Optional<String> worst =
        hosts.stream()
            .flatMap(
                host ->
                    host.alerts().stream()
                        .filter(HealthPlan::isFiring)
                        .map(alert -> new Worst(host.name() + "/" + alert.check(), alert)))
            .min(Comparator.comparing(Worst::alert, BY_SEVERITY))
            .map(Worst::name);
    Optional<String> unknown =
        hosts.stream()
            .filter(host -> host.state() == State.Unknown)
            .map(host -> host.name() + " unknown")
            .findFirst();
    return new Summary(
        hosts.size(),
        (int) hosts.stream().filter(host -> host.state() == State.Healthy).count(),
        (int)
            hosts.stream()
                .flatMap(host -> host.alerts().stream())
                .filter(HealthPlan::isFiring)
                .count(),
        worst.or(() -> unknown).orElse(null));
  }

  private record Worst(String name, AlertState alert) {}
}
