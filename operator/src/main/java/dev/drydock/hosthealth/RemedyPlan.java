package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.host.HostSpec;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.host.HostSpec.Sudo;
import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec.Mode;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.api.v1alpha1.hosthealth.Remedy;
import dev.drydock.kernel.Durations;
import dev.drydock.work.Step;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whether a remedy is to begin now, and if not, why. Pure. */
final class RemedyPlan {
  private static final Duration COOLDOWN = Duration.ofMinutes(30);
  private static final int A_DAY = 3;
  private static final Duration DAY = Duration.ofDays(1);

  private RemedyPlan() {}

  /** What a decision rests on. */
  record Situation(
      Mode mode,
      boolean suspended,
      Check check,
      HostSpec host,
      String hostName,
      @Nullable AlertState alert,
      @Nullable RemedyState before,
      Evidence evidence,
      Others others) {}

  /**
   * What is known of the check.
   *
   * @param badAt when a look found it failing, the last time; null: nobody knows
   * @param work who does planned work on the host; empty: nobody
   */
  record Evidence(@Nullable Instant badAt, String work) {}

  /**
   * The policy's other remedies.
   *
   * @param here the check whose remedy is at work on the same host; empty: none
   * @param hosts on how many hosts remedies are at work
   * @param most on how many they may be
   */
  record Others(String here, int hosts, int most) {}

  /** What is to be done. */
  sealed interface Decision {}

  /** There is nothing to do or to say. */
  record Nothing() implements Decision {}

  /** It says what it would do. */
  record Observe(String message) implements Decision {}

  /** It would begin, but not now. */
  record Wait(String message) implements Decision {}

  /** It never begins, until a person changes something. */
  record Refuse(String message) implements Decision {}

  /** It begins. */
  record Begin(String message) implements Decision {}

  static Decision decide(Situation it, Instant now) {
    AlertState alert = it.alert();
    Remedy remedy = it.check().remedy();
    if (alert == null || alert.phase() != Phase.Firing || remedy == null) {
      return new Nothing();
    }
    RemedyState before = it.before();
    if (before != null && before.phase() == RemedyPhase.Running) {
      return new Nothing();
    }
    if (before != null && before.phase() == RemedyPhase.Held) {
      return new Wait(String.valueOf(before.message()));
    }
    List<Step> steps = steps(remedy);
    Optional<String> refusal = refusal(steps, it);
    if (it.mode() != Mode.Act) {
      return new Observe(
          "would "
              + text(steps)
              + refusal.map(why -> "; but that would be refused: " + why).orElse(""));
    }
    if (refusal.isPresent()) {
      return new Refuse(refusal.get());
    }
    if (it.suspended()) {
      return new Wait("the policy is suspended");
    }
    if (before != null
        && before.phase() == RemedyPhase.NotHelped
        && isOf(before, Instant.parse(alert.since()))) {
      return new Wait(
          before.message() + "; no further try until the alert has ended or is acknowledged");
    }
    Instant badAt = it.evidence().badAt();
    if (badAt == null || (before != null && !isAfter(badAt, before.finished()))) {
      return new Nothing();
    }
    return waiting(remedy, before, it, now)
        .<Decision>map(Wait::new)
        .orElseGet(() -> new Begin(text(steps)));
  }

  /** Why what was about to begin may not begin any more. */
  static Optional<String> revoked(Situation it) {
    if (it.mode() != Mode.Act) {
      return Optional.of("the policy's mode is " + it.mode());
    }
    if (it.suspended()) {
      return Optional.of("the policy is suspended");
    }
    Remedy remedy = it.check().remedy();
    return remedy == null ? Optional.of("it has no remedy") : refusal(steps(remedy), it);
  }

  private static Optional<String> waiting(
      Remedy remedy, @Nullable RemedyState before, Situation it, Instant now) {
    List<Instant> tries = tries(before, now);
    if (!tries.isEmpty()) {
      Instant due = tries.getLast().plus(cooldown(remedy));
      if (now.isBefore(due)) {
        return Optional.of("the next try is due at " + text(due) + last(before));
      }
    }
    int most = remedy.maxPerDay() == null ? A_DAY : remedy.maxPerDay();
    if (tries.size() >= most) {
      return Optional.of(
          "tried "
              + tries.size()
              + " times within 24h, which is the most: the next try is due at "
              + text(tries.get(tries.size() - most).plus(DAY))
              + last(before));
    }
    if (!it.evidence().work().isEmpty()) {
      return Optional.of("waits for the end of planned work: " + it.evidence().work());
    }
    Others others = it.others();
    if (!others.here().isEmpty()) {
      return Optional.of("waits for the remedy of " + others.here() + ", which is at work there");
    }
    return others.hosts() >= others.most()
        ? Optional.of(
            "waits, since remedies are at work on as many hosts as maxRemediesPercent allows ("
                + others.most()
                + ")")
        : Optional.empty();
  }

  private static String last(@Nullable RemedyState before) {
    return before == null || before.message() == null ? "" : "; the last one: " + before.message();
  }

  /** On how many of {@code hosts} remedies may be at work. */
  static int most(int hosts, int percent) {
    return Math.max(1, (int) ((long) hosts * percent / 100));
  }

  static List<Step> steps(Remedy remedy) {
    return remedy.steps().stream().flatMap(step -> Step.of(step).stream()).toList();
  }

  /** Why the Host, or the check, does not let it happen. */
  private static Optional<String> refusal(List<Step> steps, Situation it) {
    HostSpec host = it.host();
    boolean root = host.sudo() == Sudo.Passwordless || host.user().equals("root");
    for (Step step : steps) {
      Optional<Permit> missing = step.needs().filter(permit -> !host.permits().contains(permit));
      if (missing.isPresent()) {
        return Optional.of(
            "the Host "
                + it.hostName()
                + " does not permit "
                + missing.get()
                + ", which it takes to "
                + step.text()
                + ": add it to the Host's spec.permits");
      }
      if (step.needsRoot() && !root) {
        return Optional.of(
            "it takes root to "
                + step.text()
                + ": set spec.sudo of the Host "
                + it.hostName()
                + " to Passwordless");
      }
      if (step.isOfOffender() && it.check().pm2() == null) {
        return Optional.of(
            "offender means the process that a pm2 check names, and "
                + it.check().name()
                + " is none: name the process");
      }
    }
    return Optional.empty();
  }

  private static String text(List<Step> steps) {
    var texts = new ArrayList<String>();
    for (Step step : steps) {
      texts.add((steps.size() > 1 ? (texts.size() + 1) + ". " : "") + step.text());
    }
    return String.join("; ", texts);
  }

  static Duration cooldown(Remedy remedy) {
    return Durations.parse(remedy.cooldown(), COOLDOWN);
  }

  /** When the tries of the last 24 hours began, the oldest first. */
  static List<Instant> tries(@Nullable RemedyState before, Instant now) {
    return before == null
        ? List.of()
        : before.tries().stream()
            .map(Instant::parse)
            .filter(time -> time.plus(DAY).isAfter(now))
            .sorted()
            .toList();
  }

  /** Whether the last try was made in the occurrence that began at {@code since}. */
  static boolean isOf(RemedyState state, Instant since) {
    return state.started() != null && !Instant.parse(state.started()).isBefore(since);
  }

  private static boolean isAfter(Instant time, @Nullable String other) {
    return other == null || time.isAfter(Instant.parse(other));
  }

  private static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
