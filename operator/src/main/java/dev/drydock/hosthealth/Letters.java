package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Fingerprint;
import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.port.Alert.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What people are told of an alert. Pure. */
final class Letters {
  private Letters() {}

  /**
   * That it has begun.
   *
   * @param remark comes before what is wrong; may be empty
   */
  static Alert firing(
      HostHealthPolicy policy, String host, AlertState alert, String remark, String vitals) {
    return letter(policy, host, alert, Phase.FIRING, remark + alert.message(), vitals, null, null);
  }

  /** That it goes on; {@code remark} as above. */
  static Alert repeated(
      HostHealthPolicy policy, String host, AlertState alert, String remark, String vitals) {
    return letter(
        policy,
        host,
        alert,
        Phase.REPEATED,
        remark + alert.message(),
        vitals,
        null,
        instant(alert.lastTold()));
  }

  /**
   * That it is over.
   *
   * @param watched whether that is because the check is fine, and not because nobody looks any more
   */
  static Alert resolved(
      HostHealthPolicy policy, String host, AlertState alert, boolean watched, String vitals) {
    return letter(
        policy,
        host,
        alert,
        Phase.RESOLVED,
        ended(alert, watched),
        vitals,
        instant(alert.fineSince()),
        null);
  }

  /** That a remedy came to nothing, or waits for a person. */
  static Alert remedied(
      HostHealthPolicy policy, String host, Severity severity, RemedyState state, String vitals) {
    String namespace = policy.getMetadata().getNamespace();
    String name = policy.getMetadata().getName();
    String source = "HostHealthPolicy/" + namespace + "/" + name;
    return new Alert(
        Fingerprint.of(source, host, state.check(), "remedy"),
        Phase.NOTICE,
        severity,
        source,
        host
            + ": "
            + state.check()
            + ": remedy "
            + switch (state.phase()) {
              case NotHelped -> "did not help";
              case Held -> "holds";
              case Failed -> "failed";
              case Interrupted -> "was interrupted";
              case Refused -> "was refused";
              case Observed, Running, Helped, Acknowledged -> String.valueOf(state.phase());
            }
            + ": "
            + state.message(),
        vitals,
        Map.of("namespace", namespace, "policy", name, "host", host, "check", state.check()),
        Instant.parse(String.valueOf(state.finished())),
        null,
        null);
  }

  private static Alert letter(
      HostHealthPolicy policy,
      String host,
      AlertState alert,
      Phase phase,
      String text,
      String vitals,
      @Nullable Instant endedAt,
      @Nullable Instant toldBefore) {
    String namespace = policy.getMetadata().getNamespace();
    String name = policy.getMetadata().getName();
    String source = "HostHealthPolicy/" + namespace + "/" + name;
    return new Alert(
        Fingerprint.of(source, host, alert.check()),
        phase,
        Severity.of(alert.severity().name()),
        source,
        host + ": " + alert.check() + ": " + text,
        alert.remedy() == null ? vitals : (vitals + "\nRemedy: " + alert.remedy()).strip(),
        Map.of("namespace", namespace, "policy", name, "host", host, "check", alert.check()),
        Instant.parse(alert.since()),
        endedAt,
        toldBefore);
  }

  /** That it is over, and what it was. */
  static String ended(AlertState alert, boolean watched) {
    Instant since = Instant.parse(alert.since());
    Instant end = Objects.requireNonNullElse(instant(alert.fineSince()), since);
    return (watched ? "fine again after " : "not watched any more, fine or not, after ")
        + Durations.text(Duration.between(since, end))
        + "; it was: "
        + alert.message();
  }

  static @Nullable Instant instant(@Nullable String text) {
    return text == null ? null : Instant.parse(text);
  }
}
