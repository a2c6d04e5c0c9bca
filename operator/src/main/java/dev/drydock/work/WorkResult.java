package dev.drydock.work;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.kernel.TerminationMessage;
import dev.drydock.kernel.Text;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

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

  /** All of it, for the pod's log. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Text of 4096 bytes at the most, for {@link #decode}: deflated if need be, then messages are
   * shortened, then hosts left out, those that are lost last of all.
   */
  public String encode() {
    for (int length = LONGEST; length >= SHORTEST; length /= 2) {
      String text = text(length, hosts.size());
      if (TerminationMessage.fits(text)) {
        return text;
      }
    }
    IntFunction<String> some = kept -> text(SHORTEST, kept);
    return some.apply(TerminationMessage.most(hosts.size() - 1, some));
  }

  private String text(int length, int kept) {
    return TerminationMessage.fitted(shortened(length, kept).toJson());
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

  /** What {@link #encode} wrote; nothing if it is something else, such as the end of a log. */
  public static Optional<WorkResult> decode(String text) {
    try {
      String json = TerminationMessage.unpack(text).orElse(text);
      WorkResult result = JSON.readValue(json, WorkResult.class);
      Instant.parse(result.at());
      return result.outcome() == null ? Optional.empty() : Optional.of(result);
    } catch (JsonProcessingException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
