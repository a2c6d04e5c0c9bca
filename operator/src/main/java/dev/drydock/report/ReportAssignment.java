package dev.drydock.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.drydock.probe.Demand;
import dev.drydock.probe.LookAssignment;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.probe.LookAssignment.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a report's pod is to look at: everything but the keys, which are mounted from their Secrets.
 *
 * @param schedule as the resource writes it; null: each run is due
 * @param checks names of the checks that are meant; none: all
 */
public record ReportAssignment(
    @Nullable String schedule, String timeZone, List<String> checks, List<Part> parts) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

  public ReportAssignment {
    checks = checks == null ? List.of() : List.copyOf(checks);
    parts = List.copyOf(parts);
  }

  /** What one policy checks, and where. */
  public record Part(String policy, List<Target> targets) {
    public Part {
      targets = List.copyOf(targets);
    }
  }

  /** A part's targets, with those demands alone that are meant. */
  public List<Target> targets(Part part) {
    return checks.isEmpty()
        ? part.targets()
        : part.targets().stream()
            .map(
                target ->
                    new Target(
                        target.name(),
                        target.reach(),
                        target.timeoutMillis(),
                        meant(target.demands())))
            .toList();
  }

  private Map<String, Demand> meant(Map<String, Demand> demands) {
    var meant = new TreeMap<>(demands);
    meant.keySet().retainAll(checks);
    return meant;
  }

  /** The names of the Secrets that hold the hosts' keys. */
  public Set<String> identities() {
    var names = new TreeSet<String>();
    for (Part part : parts) {
      for (Target target : part.targets()) {
        for (@Nullable Reach reach = target.reach(); reach != null; reach = reach.jump()) {
          names.add(reach.identity());
        }
      }
    }
    return names;
  }

  /** The names of the Secrets that checks take passwords from. */
  public Set<String> credentials() {
    var names = new TreeSet<String>();
    for (Part part : parts) {
      names.addAll(new LookAssignment("", timeZone, targets(part)).credentials());
    }
    return names;
  }

  /** How long all looks take at the most: those of one part go together. */
  public Duration longest() {
    return Duration.ofMillis(
        parts.stream()
            .mapToLong(
                part -> part.targets().stream().mapToLong(Target::timeoutMillis).max().orElse(0))
            .sum());
  }

  /** The same text for the same assignment. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IOException if it is something else
   */
  public static ReportAssignment fromJson(String json) throws IOException {
    return JSON.readValue(json, ReportAssignment.class);
  }
}
