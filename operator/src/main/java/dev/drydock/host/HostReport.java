package dev.drydock.host;

import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.host.HostSpec.Sudo;
import dev.drydock.api.v1alpha1.host.HostStatus;
import dev.drydock.kernel.Conditions;
import dev.drydock.port.HostShell.Failed;
import dev.drydock.probe.HostFacts;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From what was seen of a host to its status. Pure. */
final class HostReport {
  static final String SUSPENDED = "Suspended";

  private static final Duration REFRESH = Duration.ofHours(1);

  private HostReport() {}

  static HostStatus status(Host host, HostSight sight, Instant now) {
    @Nullable HostStatus previous = host.getStatus();
    var conditions =
        new Conditions(
            previous == null ? List.of() : previous.conditions(),
            now,
            host.getMetadata().getGeneration());
    conditions.without("Reconciling").without("Stalled");
    judge(host, sight, conditions, reason(previous));

    HostStatus.@Nullable Facts facts = previous == null ? null : previous.facts();
    @Nullable String hostKey = previous == null ? null : previous.hostKeyFingerprint();
    if (sight instanceof HostSight.Probed probed) {
      facts = facts(probed.facts(), facts);
      hostKey = probed.hostKey();
    }
    var next =
        new HostStatus(
            host.getMetadata().getGeneration(),
            conditions.list(),
            facts,
            hostKey,
            previous == null ? null : previous.lastProbeTime());
    return sight instanceof HostSight.Suspended || !isDue(previous, next, now)
        ? next
        : new HostStatus(
            next.observedGeneration(),
            next.conditions(),
            next.facts(),
            next.hostKeyFingerprint(),
            now.truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /** A time that ticks would be a write for each probe: it goes along with what else changes. */
  private static boolean isDue(@Nullable HostStatus previous, HostStatus next, Instant now) {
    return previous == null
        || previous.lastProbeTime() == null
        || !next.equals(previous)
        || !Instant.parse(previous.lastProbeTime()).plus(REFRESH).isAfter(now);
  }

  private static String reason(@Nullable HostStatus status) {
    return status == null
        ? ""
        : status.conditions().stream()
            .filter(condition -> condition.type().equals("Ready"))
            .map(Condition::reason)
            .findFirst()
            .orElse("");
  }

  /** What is to be said of sudo; where nobody knows it now, what was known stays. */
  private static HostReason sudo(Host host, HostFacts facts, String before) {
    if (host.getSpec().sudo() != Sudo.Passwordless) {
      return HostReason.ProbeSucceeded;
    }
    if (facts.sudo().isPresent()) {
      return facts.sudo().get() ? HostReason.ProbeSucceeded : HostReason.SudoRefused;
    }
    return Stream.of(HostReason.ProbeSucceeded, HostReason.SudoRefused)
        .filter(reason -> reason.name().equals(before))
        .findFirst()
        .orElse(HostReason.SudoTimedOut);
  }

  private static void judge(
      Host host, HostSight sight, Conditions conditions, String reasonBefore) {
    switch (sight) {
      case HostSight.Suspended _ ->
          conditions.with(
              "Ready", false, SUSPENDED, "spec.suspend is true: the host is not looked at");
      case HostSight.Unusable(String reason, String message) ->
          conditions.with("Ready", false, reason, message).with("Stalled", true, reason, message);
      case HostSight.Unanswered(Failed failed) -> {
        HostReason reason = HostReason.of(failed.failure());
        conditions.with("Ready", false, reason.name(), failed.message());
        if (reason.needsAPerson()) {
          conditions.with("Stalled", true, reason.name(), failed.message());
        }
      }
      case HostSight.Probed probed -> {
        String user = host.getSpec().user();
        HostReason reason = sudo(host, probed.facts(), reasonBefore);
        String message =
            switch (reason) {
              case SudoRefused ->
                  "sudo asks "
                      + user
                      + " for a password: add '"
                      + user
                      + " ALL=(ALL) NOPASSWD: ALL' to a file in /etc/sudoers.d, or set spec.sudo to"
                      + " None";
              case SudoTimedOut ->
                  "sudo did not answer "
                      + user
                      + " in time: find out what it waits for (a directory of users, a host name"
                      + " that does not resolve), or set spec.sudo to None";
              default -> "the host answered as " + user;
            };
        conditions.with("Ready", reason == HostReason.ProbeSucceeded, reason.name(), message);
        if (reason.needsAPerson()) {
          conditions.with("Stalled", true, reason.name(), message);
        }
        probed
            .notProven()
            .ifPresent(
                failed ->
                    conditions.with(
                        "Reconciling",
                        true,
                        HostReason.of(failed.failure()).name(),
                        "the new key or address does not work, the previous session is still used: "
                            + failed.message()));
      }
    }
  }

  private static HostStatus.Facts facts(HostFacts facts, HostStatus.@Nullable Facts before) {
    String bootTime = facts.bootTime().map(Instant::toString).orElse(null);
    String bootId = facts.bootId().orElse(null);
    if (before != null && bootId != null && bootId.equals(before.bootId())) {
      // The kernel computes it from a clock that is adjusted: it wanders by a second.
      bootTime = before.bootTime();
    }
    return new HostStatus.Facts(
        facts.hostname().orElse(null),
        facts.os().orElse(null),
        facts.kernel().orElse(null),
        facts.architecture().orElse(null),
        facts.cpus().orElse(null),
        facts.memory().orElse(null),
        facts.swap().orElse(null),
        facts.rootDisk().orElse(null),
        bootId,
        bootTime,
        facts.initSystem().orElse(null),
        facts.dockerVersion().orElse(null));
  }
}
