package dev.drydock.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.kernel.Fingerprint;
import dev.drydock.kernel.Text;
import dev.drydock.port.Alert;
import dev.drydock.report.ReportResult.CheckResult;
import dev.drydock.report.ReportResult.HostResult;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A dated report: every host, every check with its value, what has changed since the last report,
 * trends, alerts, and what was remedied.
 *
 * @param at when the hosts were looked at
 * @param source whose report it is, as {@code kind/namespace/name}
 * @param pod whose log has all of it
 * @param previous when the report was made that it is compared with, or null
 * @param cut hosts for which there was no room, as {@code policy/host}
 * @param more how many others there was no room for
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record HealthDocument(
    String at,
    String source,
    String pod,
    @Nullable String previous,
    List<HostPart> hosts,
    List<String> cut,
    int more) {
  /** A trend is not drawn over more reports than these. */
  public static final int TREND = 12;

  /** Of alerts and remedies, no more than these each: a ConfigMap has its limits. */
  private static final int MOST = 200;

  /** By so much a pod's clock may be ahead, or what is known of a policy late. */
  private static final Duration MARGIN = Duration.ofMinutes(10);

  private static final int LINE = 300;
  private static final int DETAIL = 20_000;
  private static final int DIGITS = 10;
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  public HealthDocument {
    hosts = hosts == null ? List.of() : List.copyOf(hosts);
    cut = cut == null ? List.of() : List.copyOf(cut);
  }

  /**
   * One host.
   *
   * @param message why the state is Unknown, or null
   * @param vitals load, memory, swap and PM2's processes; may be empty
   * @param trends values by name, the oldest first, this report's last
   * @param alerts those that there are, and then those that have ended since the last report
   * @param remedies how they stand, and then the tries that have ended since the last report
   * @param missing why alerts or remedies of that time may be missing here; may be empty
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record HostPart(
      String policy,
      String name,
      State state,
      @Nullable String message,
      String work,
      String vitals,
      List<CheckPart> checks,
      Map<String, Double> figures,
      Map<String, List<Double>> trends,
      List<AlertPart> alerts,
      List<RemedyPart> remedies,
      String missing) {
    public HostPart {
      missing = missing == null ? "" : missing;
      work = work == null ? "" : work;
      vitals = vitals == null ? "" : vitals;
      checks = checks == null ? List.of() : List.copyOf(checks);
      figures = figures == null ? Map.of() : Map.copyOf(figures);
      trends = trends == null ? Map.of() : Map.copyOf(trends);
      alerts = alerts == null ? List.of() : List.copyOf(alerts);
      remedies = remedies == null ? List.of() : List.copyOf(remedies);
    }

    private Optional<CheckPart> check(String check) {
      return checks.stream().filter(part -> part.check().equals(check)).findFirst();
    }
  }

  /**
   * One check.
   *
   * @param change how it was at the last report, where it was otherwise; may be empty
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record CheckPart(
      String check,
      @Nullable Severity severity,
      ReportResult.State state,
      String value,
      String message,
      String change) {
    public CheckPart {
      value = value == null ? "" : value;
      message = message == null ? "" : message;
      change = change == null ? "" : change;
    }
  }

  /**
   * An alert of the time.
   *
   * @param ended when it was over, or null: it is not
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record AlertPart(
      String check,
      Severity severity,
      Phase phase,
      String since,
      @Nullable String ended,
      String message) {}

  /**
   * What a remedy did.
   *
   * @param finished when it ended, or null
   * @param record the ConfigMap that has all of it, or null
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record RemedyPart(
      String check,
      String phase,
      @Nullable String started,
      @Nullable String finished,
      @Nullable String message,
      @Nullable String record) {}

  /**
   * Composes a report.
   *
   * @param policies those that were looked after, as they are now
   * @param before earlier reports of the same source, the newest first
   */
  public static HealthDocument of(
      String source,
      String pod,
      ReportResult result,
      Collection<HostHealthPolicy> policies,
      List<HealthDocument> before) {
    Map<String, HostHealthPolicy> byName = new HashMap<>();
    policies.forEach(policy -> byName.put(policy.getMetadata().getName(), policy));
    var alerts = new Room();
    var remedies = new Room();
    var hosts = new ArrayList<HostPart>();
    for (HostResult host : result.hosts()) {
      hosts.add(host(host, byName.get(host.policy()), before, alerts, remedies));
    }
    return new HealthDocument(
        Instant.parse(result.at()).truncatedTo(ChronoUnit.SECONDS).toString(),
        source,
        pod,
        before.isEmpty() ? null : before.getFirst().at(),
        hosts,
        result.cut(),
        result.more());
  }

  private static final class Room {
    private int left = MOST;

    <T> List<T> take(List<T> parts) {
      List<T> some = parts.subList(0, Math.min(left, parts.size()));
      left -= some.size();
      return some;
    }
  }

  private static HostPart host(
      HostResult host,
      @Nullable HostHealthPolicy policy,
      List<HealthDocument> before,
      Room roomForAlerts,
      Room roomForRemedies) {
    Optional<HostPart> last =
        before.isEmpty() ? Optional.empty() : before.getFirst().part(host.policy(), host.name());
    var checks = new ArrayList<CheckPart>();
    List<Check> declared = policy == null ? List.of() : policy.getSpec().checks();
    Map<String, CheckResult> left = new TreeMap<>(host.checks());
    for (Check check : declared) {
      CheckResult found = left.remove(check.name());
      if (found != null) {
        checks.add(check(check.name(), check.severity(), grown(host, policy, check, found), last));
      }
    }
    left.forEach((name, found) -> checks.add(check(name, null, found, last)));
    Happened happened =
        policy == null || policy.getStatus() == null
            ? Happened.NOTHING
            : happened(policy.getStatus(), host, before);
    List<AlertPart> alerts = roomForAlerts.take(happened.alerts());
    List<RemedyPart> remedies = roomForRemedies.take(happened.remedies());
    return new HostPart(
        host.policy(),
        host.name(),
        state(host, checks),
        host.unseen(),
        host.work(),
        host.vitals(),
        checks,
        host.figures(),
        trends(host, before),
        alerts,
        remedies,
        alerts.size() < happened.alerts().size() || remedies.size() < happened.remedies().size()
            ? "a report has room for " + MOST + " alerts and as many remedies"
            : happened.missing());
  }

  /** One look can't tell how fast something grows: status does, by its alert. */
  private static CheckResult grown(
      HostResult host, @Nullable HostHealthPolicy policy, Check check, CheckResult found) {
    boolean grows =
        check.postgresql() != null && check.postgresql().growthPercentPerDayAbove() != null;
    if (!grows
        || found.state() != ReportResult.State.Fine
        || policy == null
        || policy.getStatus() == null) {
      return found;
    }
    return policy.getStatus().hosts().stream()
        .filter(state -> state.name().equals(host.name()))
        .flatMap(state -> state.alerts().stream())
        .filter(alert -> alert.check().equals(check.name()) && alert.phase() == Phase.Firing)
        .findFirst()
        .map(
            alert ->
                new CheckResult(
                    ReportResult.State.Bad,
                    String.valueOf(alert.value()),
                    String.valueOf(alert.message())))
        .orElse(found);
  }

  private Optional<HostPart> part(String policy, String host) {
    return hosts.stream()
        .filter(part -> part.policy().equals(policy) && part.name().equals(host))
        .findFirst();
  }

  private static CheckPart check(
      String name, @Nullable Severity severity, CheckResult found, Optional<HostPart> last) {
    String change =
        last.isEmpty()
            ? ""
            : last.get()
                .check(name)
                .map(was -> change(was, found))
                .orElse("not in the last report");
    return new CheckPart(name, severity, found.state(), found.value(), found.message(), change);
  }

  private static String change(CheckPart was, CheckResult now) {
    if (was.state() == now.state() && was.value().equals(now.value())) {
      return "";
    }
    String value = was.value().isEmpty() ? "" : was.value();
    return was.state() == now.state()
        ? value.isEmpty() ? "" : "was " + value
        : "was " + was.state() + (value.isEmpty() ? "" : ": " + value);
  }

  private static State state(HostResult host, List<CheckPart> checks) {
    if (host.unseen() != null) {
      return State.Unknown;
    }
    State worst = State.Healthy;
    for (CheckPart check : checks) {
      if (check.state() == ReportResult.State.Bad) {
        if (check.severity() == Severity.Critical) {
          return State.Failing;
        }
        worst = State.Degraded;
      }
    }
    return worst == State.Healthy
            && checks.stream().anyMatch(c -> c.state() == ReportResult.State.Unknown)
        ? State.Unknown
        : worst;
  }

  private static Map<String, List<Double>> trends(HostResult host, List<HealthDocument> before) {
    var trends = new TreeMap<String, List<Double>>();
    host.figures()
        .forEach(
            (name, value) -> {
              var values = new ArrayList<Double>();
              for (HealthDocument earlier :
                  before.subList(0, Math.min(TREND - 1, before.size())).reversed()) {
                earlier
                    .part(host.policy(), host.name())
                    .map(part -> part.figures().get(name))
                    .ifPresent(values::add);
              }
              values.add(value);
              trends.put(name, values);
            });
    return trends;
  }

  /** What happened on one host; {@code missing} is as in {@link HostPart}. */
  private record Happened(List<AlertPart> alerts, List<RemedyPart> remedies, String missing) {
    private static final Happened NOTHING = new Happened(List.of(), List.of(), "");
  }

  /** What status says of it since the last report that had room for the host. */
  private static Happened happened(
      HostHealthPolicyStatus status, HostResult result, List<HealthDocument> before) {
    Optional<HealthDocument> told =
        before.stream()
            .filter(report -> report.part(result.policy(), result.name()).isPresent())
            .findFirst();
    Optional<HostPart> last = told.flatMap(report -> report.part(result.policy(), result.name()));
    @Nullable Instant since =
        told.map(report -> Instant.parse(report.at()).minus(MARGIN)).orElse(null);
    String host = result.name();
    List<HostState> states =
        status.hosts().stream().filter(state -> state.name().equals(host)).toList();
    Stream<AlertPart> alerts =
        states.stream()
            .flatMap(state -> state.alerts().stream())
            // One that is over is among the recent ones; here it waits for its channels.
            .filter(alert -> alert.phase() != Phase.Resolved)
            .map(
                alert ->
                    new AlertPart(
                        alert.check(),
                        alert.severity(),
                        alert.phase(),
                        alert.since(),
                        null,
                        Text.line(String.valueOf(alert.message()), LINE)));
    Stream<AlertPart> over =
        Recent.since(status.recentAlerts(), host, since).stream()
            .map(
                alert ->
                    new AlertPart(
                        alert.check(),
                        alert.severity(),
                        Phase.Resolved,
                        alert.since(),
                        alert.ended(),
                        Text.line(String.valueOf(alert.message()), LINE)))
            // The last report was written a while after its hosts were looked at.
            .filter(part -> last.isEmpty() || !last.get().alerts().contains(part));
    Stream<RemedyPart> remedies =
        states.stream()
            .flatMap(state -> state.remedies().stream())
            .map(
                remedy ->
                    new RemedyPart(
                        remedy.check(),
                        remedy.phase().name(),
                        remedy.started(),
                        remedy.finished(),
                        line(remedy.message()),
                        remedy.record()));
    Stream<RemedyPart> done =
        Recent.since(status.recentRemedies(), host, since).stream()
            .map(
                remedy ->
                    new RemedyPart(
                        remedy.check(),
                        remedy.phase().name(),
                        remedy.started(),
                        remedy.ended(),
                        line(remedy.message()),
                        remedy.record()))
            .filter(part -> last.isEmpty() || !last.get().remedies().contains(part));
    boolean cut =
        Recent.isCut(status.recentAlerts(), host, since)
            || Recent.isCut(status.recentRemedies(), host, since);
    return new Happened(
        Stream.concat(alerts, over).toList(),
        // How one stands may be how its last try has ended.
        Stream.concat(remedies, done).distinct().toList(),
        cut ? "status has room for the newest " + Recent.OF_HOST + " of a host" : "");
  }

  private static @Nullable String line(@Nullable String message) {
    return message == null ? null : Text.line(message, LINE);
  }

  /** Names for an object that keeps it, by its time: the next where several are of one minute. */
  public List<String> names(String prefix) {
    String digits = at.replaceAll("[^0-9]", "");
    String minute = prefix + "-" + digits.substring(0, 8) + "-" + digits.substring(8, 12);
    String second = minute + digits.substring(12, 14);
    return List.of(minute, second, second + "-" + Fingerprint.of(pod).substring(0, DIGITS));
  }

  /** One line, for a phone's screen. */
  public String headline() {
    return DocumentText.headline(this);
  }

  /** For people. */
  public String toText() {
    return DocumentText.of(this);
  }

  /** The message that tells people: the same one for the same report, however often it is made. */
  public Alert notice(Map<String, String> labels) {
    String text = toText();
    return new Alert(
        Fingerprint.of(source, "report", at),
        Alert.Phase.NOTICE,
        dev.drydock.kernel.Severity.INFO,
        source,
        headline(),
        text.length() <= DETAIL ? text : text.substring(0, DETAIL) + "…",
        labels,
        Instant.parse(at),
        null,
        null);
  }

  /** For machines. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What {@link #toJson} wrote; nothing if it is something else. */
  public static Optional<HealthDocument> fromJson(String json) {
    try {
      HealthDocument document = JSON.readValue(json, HealthDocument.class);
      Instant.parse(document.at());
      return Optional.of(document);
    } catch (JsonProcessingException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
