package dev.drydock.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.drydock.kernel.TerminationMessage;
import dev.drydock.kernel.Text;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a report's pod found: the value of each check on each host. It goes into the pod's
 * termination message, deflated and in base64, since 4096 bytes are all that there is.
 *
 * @param skipped true: the run was not due, and nothing was looked at
 * @param cut hosts for which there was no room, as {@code policy/host}: the pod's log has them
 * @param more for how many others there was no room, not even for their names
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record ReportResult(
    String at, boolean skipped, List<HostResult> hosts, List<String> cut, int more) {
  private static final int[] LENGTHS = {300, 160, 80, 40, 24};
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  public ReportResult {
    hosts = hosts == null ? List.of() : List.copyOf(hosts);
    cut = cut == null ? List.of() : List.copyOf(cut);
  }

  /** How a check was. */
  public enum State {
    Fine,
    Bad,
    Unknown,
    Impossible,
    Planned
  }

  /**
   * One check.
   *
   * @param value what was read, short; empty where nothing was
   * @param message what is wrong, or why nobody knows; empty where all is well
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record CheckResult(State state, String value, String message) {
    public CheckResult {
      value = value == null ? "" : value;
      message = message == null ? "" : message;
    }

    static CheckResult of(Finding finding) {
      return switch (finding) {
        case Finding.Fine(String value) -> new CheckResult(State.Fine, value, "");
        case Finding.Bad(String value, String message) ->
            new CheckResult(State.Bad, value, message);
        case Finding.Unknown(String message) -> new CheckResult(State.Unknown, "", message);
        case Finding.Impossible(String message) -> new CheckResult(State.Impossible, "", message);
        case Finding.Planned(String message) -> new CheckResult(State.Planned, "", message);
      };
    }

    private CheckResult shorter(int length) {
      return new CheckResult(state, Text.line(value, length), Text.line(message, length));
    }
  }

  /**
   * One host.
   *
   * @param unseen why it could not be looked at, or null
   * @param vitals load, memory, swap and PM2's processes; may be empty
   * @param figures what is compared over time, by the names of {@link Trends}
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record HostResult(
      String policy,
      String name,
      @Nullable String unseen,
      String work,
      String vitals,
      Map<String, CheckResult> checks,
      Map<String, Double> figures) {
    public HostResult {
      work = work == null ? "" : work;
      vitals = vitals == null ? "" : vitals;
      checks = checks == null ? Map.of() : Map.copyOf(checks);
      figures = figures == null ? Map.of() : Map.copyOf(figures);
    }

    /** What the look at a host came to. */
    public static HostResult of(String policy, String name, Looker.Sight sight) {
      return switch (sight) {
        case Looker.Unseen(String message) ->
            new HostResult(policy, name, message, "", "", Map.of(), Map.of());
        case Looker.Seen seen -> {
          var checks = new TreeMap<String, CheckResult>();
          seen.findings().forEach((check, finding) -> checks.put(check, CheckResult.of(finding)));
          yield new HostResult(
              policy, name, null, seen.work(), seen.vitals(), checks, Trends.of(seen.figures()));
        }
      };
    }

    /** How it is called where there are several policies. */
    String path() {
      return policy + "/" + name;
    }

    private HostResult shorter(int length, boolean withVitals, boolean withFigures) {
      var shorter = new TreeMap<String, CheckResult>();
      checks.forEach((check, result) -> shorter.put(check, result.shorter(length)));
      return new HostResult(
          policy,
          name,
          unseen == null ? null : Text.line(unseen, length),
          Text.line(work, length),
          withVitals ? vitals : "",
          shorter,
          withFigures ? figures : Map.of());
    }
  }

  /** What was found, in alphabetical order. */
  public static ReportResult of(Instant at, List<HostResult> hosts) {
    var sorted = new TreeMap<String, HostResult>();
    hosts.forEach(host -> sorted.put(host.path(), host));
    return new ReportResult(at.toString(), false, List.copyOf(sorted.values()), List.of(), 0);
  }

  /** What is to be said of a run that was not due. */
  public static ReportResult notDue(Instant at) {
    return new ReportResult(at.toString(), true, List.of(), List.of(), 0);
  }

  /** All of it, for the log. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Text of 4096 bytes at the most, for {@link #decode}: texts are shortened first, then the vitals
   * and the figures are left out, then whole hosts, which are named or at least counted.
   */
  public String encode() {
    int all = hosts.size();
    for (int length : LENGTHS) {
      String text = packed(part(all, length, length == LENGTHS[0], true, all));
      if (TerminationMessage.fits(text)) {
        return text;
      }
    }
    int shortest = LENGTHS[LENGTHS.length - 1];
    String bare = packed(part(all, shortest, false, false, all));
    if (TerminationMessage.fits(bare)) {
      return bare;
    }
    IntFunction<String> named = kept -> packed(part(kept, shortest, false, false, all));
    int kept = TerminationMessage.most(all - 1, named);
    IntFunction<String> nameless = count -> packed(part(count, shortest, false, false, count));
    int most = TerminationMessage.most(all - 1, nameless);
    // Half of the room at the least is for what was found, and not for names.
    return kept >= most / 2 ? named.apply(kept) : nameless.apply(most);
  }

  private ReportResult part(
      int kept, int length, boolean withVitals, boolean withFigures, int named) {
    var names = new ArrayList<>(cut);
    hosts.subList(kept, Math.max(kept, named)).forEach(host -> names.add(host.path()));
    return new ReportResult(
        at,
        skipped,
        hosts.subList(0, kept).stream()
            .map(host -> host.shorter(length, withVitals, withFigures))
            .toList(),
        names,
        more + hosts.size() - Math.max(kept, named));
  }

  private static String packed(ReportResult result) {
    return TerminationMessage.pack(result.toJson());
  }

  /** What {@link #encode} wrote; nothing if it is something else, such as the end of a log. */
  public static Optional<ReportResult> decode(String text) {
    try {
      Optional<String> json = TerminationMessage.unpack(text);
      if (json.isEmpty()) {
        return Optional.empty();
      }
      ReportResult result = JSON.readValue(json.get(), ReportResult.class);
      Instant.parse(result.at());
      return Optional.of(result);
    } catch (JsonProcessingException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
