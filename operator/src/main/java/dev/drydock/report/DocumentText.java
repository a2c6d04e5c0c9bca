package dev.drydock.report;

import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.kernel.Text;
import dev.drydock.report.HealthDocument.AlertPart;
import dev.drydock.report.HealthDocument.CheckPart;
import dev.drydock.report.HealthDocument.HostPart;
import dev.drydock.report.HealthDocument.RemedyPart;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A report in words: what is wrong comes first, of the hosts and of each host's checks. Pure. */
final class DocumentText {
  private static final int NAMED = 3;
  private static final int HEADLINE = 300;

  private DocumentText() {}

  static String headline(HealthDocument document) {
    List<String> wrong =
        document.hosts().stream()
            .flatMap(
                host ->
                    host.message() != null
                        ? Stream.of(host.name() + " could not be looked at")
                        : host.checks().stream()
                            .filter(check -> check.state() == ReportResult.State.Bad)
                            .map(check -> host.name() + ": " + check.check() + " " + check.value()))
            .toList();
    return Text.line(
        "health report of "
            + date(document.at())
            + ": "
            + counts(document)
            + (wrong.isEmpty()
                ? ""
                : "; "
                    + wrong.stream().limit(NAMED).collect(Collectors.joining("; "))
                    + (wrong.size() > NAMED ? "; and " + (wrong.size() - NAMED) + " more" : "")),
        HEADLINE);
  }

  private static String counts(HealthDocument document) {
    int hosts = document.hosts().size() + document.cut().size() + document.more();
    var states = new ArrayList<String>();
    for (State state : State.values()) {
      long count = document.hosts().stream().filter(host -> host.state() == state).count();
      if (count > 0) {
        states.add(count + " " + state);
      }
    }
    return hosts
        + (hosts == 1 ? " host" : " hosts")
        + (states.isEmpty() ? "" : ", " + String.join(", ", states));
  }

  static String of(HealthDocument document) {
    var text = new StringBuilder();
    text.append("Health report of ").append(date(document.at())).append('\n');
    text.append(document.source()).append(": ").append(counts(document)).append('\n');
    text.append(
        document.previous() == null
            ? "There is no earlier report to compare it with.\n"
            : "Compared with the report of " + date(document.previous()) + ".\n");
    if (!document.cut().isEmpty() || document.more() > 0) {
      text.append("There was no room here for ")
          .append(String.join(", ", document.cut()))
          .append(document.cut().isEmpty() || document.more() == 0 ? "" : " and ")
          .append(document.more() == 0 ? "" : document.more() + " more hosts")
          .append(": the log of pod ")
          .append(document.pod())
          .append(" has all.\n");
    }
    document.hosts().stream()
        .sorted(Comparator.comparingInt(host -> urgency(host.state())))
        .forEach(host -> host(host, text));
    return text.toString();
  }

  private static int urgency(State state) {
    return switch (state) {
      case Failing -> 0;
      case Degraded -> 1;
      case Unknown -> 2;
      case Healthy -> 3;
    };
  }

  private static void host(HostPart host, StringBuilder text) {
    text.append("\n").append(host.name()).append(" (").append(host.policy()).append("): ");
    text.append(host.state()).append('\n');
    if (host.message() != null) {
      text.append("  could not be looked at: ").append(host.message()).append('\n');
    }
    if (!host.work().isEmpty()) {
      text.append("  planned work: ").append(host.work()).append('\n');
    }
    host.checks().stream()
        .sorted(Comparator.comparingInt(check -> urgency(check.state())))
        .forEach(check -> text.append("  ").append(line(check)).append('\n'));
    host.vitals().lines().forEach(line -> text.append("  ").append(line).append('\n'));
    new TreeMap<>(host.trends())
        .forEach(
            (name, values) -> {
              if (values.size() > 1) {
                text.append("  trend of ")
                    .append(name)
                    .append(": ")
                    .append(
                        values.stream()
                            .map(value -> Trends.text(name, value))
                            .collect(Collectors.joining(", ")))
                    .append('\n');
              }
            });
    for (AlertPart alert : host.alerts()) {
      text.append("  alert ")
          .append(alert.check())
          .append(", ")
          .append(alert.severity())
          .append(", ")
          .append(
              alert.ended() == null
                  ? alert.phase() + " since " + alert.since()
                  : "from " + alert.since() + " to " + alert.ended())
          .append(": ")
          .append(alert.message())
          .append('\n');
    }
    for (RemedyPart remedy : host.remedies()) {
      text.append("  remedy of ")
          .append(remedy.check())
          .append(": ")
          .append(remedy.phase())
          .append(during(remedy))
          .append(remedy.message() == null ? "" : ": " + remedy.message())
          .append(remedy.record() == null ? "" : "; record: ConfigMap " + remedy.record())
          .append('\n');
    }
    if (!host.missing().isEmpty()) {
      text.append("  more alerts or remedies of that time may be missing: ")
          .append(host.missing())
          .append('\n');
    }
  }

  private static String during(RemedyPart remedy) {
    if (remedy.started() == null) {
      return "";
    }
    // How it stands need not be how its last try ended.
    return remedy.finished() == null
        ? ", begun at " + remedy.started()
        : ", tried from " + remedy.started() + " to " + remedy.finished();
  }

  private static int urgency(ReportResult.State state) {
    return switch (state) {
      case Bad -> 0;
      case Unknown -> 1;
      case Planned, Impossible -> 2;
      case Fine -> 3;
    };
  }

  private static String line(CheckPart check) {
    String said =
        switch (check.state()) {
          case Fine -> "fine" + after(": ", check.value());
          case Bad -> word(check.severity()) + after(": ", check.message());
          case Unknown -> "unknown" + after(": ", check.message());
          case Planned -> "planned work" + after(": ", check.message());
          case Impossible -> "can never be met" + after(": ", check.message());
        };
    return check.check()
        + ": "
        + said
        + (check.change().isEmpty() ? "" : " (" + check.change() + ")");
  }

  private static String word(@Nullable Severity severity) {
    return severity == null ? "not fine" : severity.name().toUpperCase(Locale.ROOT);
  }

  private static String after(String separator, String text) {
    return text.isEmpty() ? "" : separator + text;
  }

  /** To the minute, in UTC: {@code 2026-11-23 00:00 UTC}. */
  private static String date(String instant) {
    return instant.substring(0, 10) + " " + instant.substring(11, 16) + " UTC";
  }
}
