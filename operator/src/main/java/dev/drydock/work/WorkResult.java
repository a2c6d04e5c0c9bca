package dev.drydock.work;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.kernel.Text;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a run came to, small enough for a container's termination message (4096 bytes); the whole
 * report is the pod's log.
 *
 * @param at when it ended
 * @param outcome of the whole run
 * @param message what happened, in a sentence that says what to do
 * @param hosts how it went on each; those that were not begun are absent
 * @param cut how many hosts there was no room for
 * @param unfinished whether time was over before all hosts were begun: the next run goes on there
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record WorkResult(
    String at,
    Outcome outcome,
    String message,
    List<HostResult> hosts,
    int cut,
    boolean unfinished) {
  private static final int ROOM = 4096;
  private static final int MESSAGE = 600;
  private static final int LONGEST = 300;
  private static final int SHORTEST = 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  public WorkResult {
    hosts = hosts == null ? List.of() : List.copyOf(hosts);
    message = message == null ? "" : message;
  }

  public WorkResult(Instant at, Outcome outcome, String message, List<HostResult> hosts) {
    this(at, outcome, message, hosts, false);
  }

  public WorkResult(
      Instant at, Outcome outcome, String message, List<HostResult> hosts, boolean unfinished) {
    this(at.toString(), outcome, message, hosts, 0, unfinished);
  }

  /**
   * One host.
   *
   * @param lost whether it was rebooted and did not come back
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record HostResult(
      String name,
      Outcome outcome,
      String message,
      @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean lost) {
    public HostResult {
      message = message == null ? "" : message;
    }

    public HostResult(String name, Outcome outcome, String message) {
      this(name, outcome, message, false);
    }
  }

  /**
   * As JSON of 4096 bytes at the most: texts are shortened first, then hosts left out, those that
   * are lost last of all.
   */
  public String toJson() {
    for (int length = LONGEST; length >= SHORTEST; length /= 2) {
      String json = json(shortened(length, hosts.size()));
      if (fits(json)) {
        return json;
      }
    }
    for (int kept = hosts.size() - 1; kept > 0; kept--) {
      String json = json(shortened(SHORTEST, kept));
      if (fits(json)) {
        return json;
      }
    }
    return json(shortened(SHORTEST, 0));
  }

  private WorkResult shortened(int length, int kept) {
    return new WorkResult(
        at,
        outcome,
        Text.line(message, MESSAGE),
        hosts.stream()
            .sorted(Comparator.comparing(host -> !host.lost))
            .limit(kept)
            .map(
                host ->
                    new HostResult(
                        host.name, host.outcome, Text.line(host.message, length), host.lost))
            .toList(),
        hosts.size() - kept,
        unfinished);
  }

  private static boolean fits(String json) {
    return json.getBytes(StandardCharsets.UTF_8).length <= ROOM;
  }

  private static String json(WorkResult result) {
    try {
      return JSON.writeValueAsString(result);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What {@link #toJson} wrote; nothing if it is something else, such as the end of a log. */
  public static Optional<WorkResult> fromJson(String json) {
    try {
      WorkResult result = JSON.readValue(json, WorkResult.class);
      Instant.parse(result.at());
      return result.outcome() == null ? Optional.empty() : Optional.of(result);
    } catch (JsonProcessingException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
