package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.HostOutcome;
import dev.drydock.kernel.Text;
import dev.drydock.report.ReportResult;
import dev.drydock.report.ReportResult.HostResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How a run ended that made a report: it succeeded if every check of every host is known and fine.
 * What planned work explains is no failure. Pure.
 */
final class ReportEnd {
  private static final int NAMED = 3;
  private static final int LINE = 120;
  private static final int MESSAGE = 900;

  private final List<String> bad = new ArrayList<>();
  private final List<String> unknown = new ArrayList<>();
  private final List<String> unseen = new ArrayList<>();

  /** By host: what is wrong there; nothing if all is well. */
  private final Map<String, List<String>> hosts = new TreeMap<>();

  private int checks;

  private ReportEnd() {}

  /**
   * The end of the run.
   *
   * @param leftAlone why hosts could not even be tried, by name
   */
  static TaskEnd of(ReportResult result, Map<String, String> leftAlone) {
    var end = new ReportEnd();
    result.hosts().forEach(end::take);
    new TreeMap<>(leftAlone).forEach(end::unseen);
    return end.end(result.cut().size() + result.more());
  }

  private void take(HostResult host) {
    if (host.unseen() != null) {
      unseen(host.name(), host.unseen());
      return;
    }
    List<String> wrong = wrong(host.name());
    checks += host.checks().size();
    new TreeMap<>(host.checks())
        .forEach(
            (name, check) -> {
              String said = Text.line(name + ": " + check.message(), LINE);
              switch (check.state()) {
                case Fine, Planned -> {
                  // Nothing to say of it.
                }
                case Bad, Impossible -> {
                  bad.add(host.name() + ": " + said);
                  wrong.add(said);
                }
                case Unknown -> {
                  unknown.add(host.name() + ": " + said);
                  wrong.add(said);
                }
              }
            });
  }

  private void unseen(String host, String why) {
    String said = "could not be looked at: " + Text.line(why, LINE);
    unseen.add(host + " " + said);
    wrong(host).add(said);
  }

  private List<String> wrong(String host) {
    return hosts.computeIfAbsent(host, _ -> new ArrayList<>());
  }

  /**
   * @param cut how many hosts there was no room for
   */
  private TaskEnd end(int cut) {
    var message = new ArrayList<String>();
    if (!bad.isEmpty()) {
      message.add(count(bad.size()) + " wrong: " + some(bad));
    }
    if (!unknown.isEmpty()) {
      message.add(count(unknown.size()) + " unknown: " + some(unknown));
    }
    if (!unseen.isEmpty()) {
      message.add(some(unseen));
    }
    if (cut > 0) {
      message.add(
          "of " + cut + (cut == 1 ? " host" : " hosts") + " only the pod's log has what was found");
    }
    if (message.isEmpty() && checks == 0) {
      message.add("nothing was checked");
    }
    return message.isEmpty()
        ? new TaskEnd(Outcome.Succeeded, "no check is wrong: " + figures(), outcomes())
        : new TaskEnd(Outcome.Failed, Text.line(String.join("; ", message), MESSAGE), outcomes());
  }

  private String count(int some) {
    return some
        + " of "
        + checks
        + (checks == 1 ? " check" : " checks")
        + (some == 1 ? " is" : " are");
  }

  private String figures() {
    return checks
        + (checks == 1 ? " check on " : " checks on ")
        + hosts.size()
        + (hosts.size() == 1 ? " host" : " hosts");
  }

  private static String some(List<String> all) {
    return all.stream().limit(NAMED).collect(Collectors.joining("; "))
        + (all.size() > NAMED ? "; and " + (all.size() - NAMED) + " more" : "");
  }

  private List<HostOutcome> outcomes() {
    return hosts.entrySet().stream()
        .limit(TaskEnd.MOST_HOSTS)
        .map(
            host ->
                host.getValue().isEmpty()
                    ? new HostOutcome(host.getKey(), Outcome.Succeeded, null)
                    : new HostOutcome(host.getKey(), Outcome.Failed, some(host.getValue())))
        .toList();
  }
}
