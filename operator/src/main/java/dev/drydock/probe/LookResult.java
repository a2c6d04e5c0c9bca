package dev.drydock.probe;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.kernel.TerminationMessage;
import dev.drydock.kernel.Text;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a look by a pod came to, small enough for a container's termination message (4096 bytes): a
 * check that is not mentioned is fine. It is JSON, and is deflated only where it would be too long.
 *
 * @param skipped true: the run was not due, and nothing was looked at
 * @param cut hosts for which there was no room: nobody knows of them
 * @param more true: there was no room for the names of all of those either
 */
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record LookResult(
    String at, boolean skipped, List<HostResult> hosts, List<String> cut, boolean more) {
  private static final int LONGEST = 200;
  private static final int SHORTEST = 25;
  private static final ObjectMapper JSON = new ObjectMapper();

  public LookResult {
    hosts = hosts == null ? List.of() : List.copyOf(hosts);
    cut = cut == null ? List.of() : List.copyOf(cut);
  }

  /**
   * One host.
   *
   * @param unseen why it could not be looked at, or null
   * @param bad value and message by check
   * @param unknown why, by check
   * @param impossible why, by check
   * @param planned why, by check
   * @param work who works there; may be empty
   * @param figures what was measured, each as {@link Figure#toText} writes it; left out first where
   *     there is no room
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record HostResult(
      String name,
      @Nullable String unseen,
      Map<String, List<String>> bad,
      Map<String, String> unknown,
      Map<String, String> impossible,
      Map<String, String> planned,
      String work,
      String vitals,
      List<String> figures) {
    public HostResult {
      figures = figures == null ? List.of() : List.copyOf(figures);
      bad = bad == null ? Map.of() : Map.copyOf(bad);
      unknown = unknown == null ? Map.of() : Map.copyOf(unknown);
      impossible = impossible == null ? Map.of() : Map.copyOf(impossible);
      planned = planned == null ? Map.of() : Map.copyOf(planned);
      work = work == null ? "" : work;
      vitals = vitals == null ? "" : vitals;
    }

    static HostResult of(String name, Looker.Sight sight) {
      return switch (sight) {
        case Looker.Unseen(String message) ->
            new HostResult(
                name, message, Map.of(), Map.of(), Map.of(), Map.of(), "", "", List.of());
        case Looker.Seen seen -> {
          var bad = new TreeMap<String, List<String>>();
          var unknown = new TreeMap<String, String>();
          var impossible = new TreeMap<String, String>();
          var planned = new TreeMap<String, String>();
          seen.findings()
              .forEach(
                  (check, finding) -> {
                    switch (finding) {
                      case Finding.Bad(String value, String message) ->
                          bad.put(check, List.of(value, message));
                      case Finding.Unknown(String message) -> unknown.put(check, message);
                      case Finding.Impossible(String message) -> impossible.put(check, message);
                      case Finding.Planned(String message) -> planned.put(check, message);
                      case Finding.Fine _ -> {
                        // Not mentioned.
                      }
                    }
                  });
          yield new HostResult(
              name,
              null,
              bad,
              unknown,
              impossible,
              planned,
              seen.work(),
              seen.vitals(),
              seen.figures().stream().map(Figure::toText).toList());
        }
      };
    }

    private HostResult shorter(int length) {
      var shortBad = new TreeMap<String, List<String>>();
      bad.forEach(
          (check, texts) ->
              shortBad.put(check, texts.stream().map(t -> Text.line(t, length)).toList()));
      return new HostResult(
          name,
          unseen == null ? null : Text.line(unseen, length),
          shortBad,
          shorter(unknown, length),
          shorter(impossible, length),
          shorter(planned, length),
          Text.line(work, length),
          length < LONGEST ? "" : vitals,
          figures);
    }

    private HostResult with(Predicate<Figure> kept) {
      return new HostResult(
          name,
          unseen,
          bad,
          unknown,
          impossible,
          planned,
          work,
          vitals,
          measured().stream().filter(kept).map(Figure::toText).toList());
    }

    /** What was measured. */
    public List<Figure> measured() {
      return figures.stream().flatMap(text -> Figure.fromText(text).stream()).toList();
    }

    private static Map<String, String> shorter(Map<String, String> texts, int length) {
      var map = new TreeMap<String, String>();
      texts.forEach((check, text) -> map.put(check, Text.line(text, length)));
      return map;
    }

    /** A host of which there is nothing to say. */
    public static HostResult fine(String name) {
      return new HostResult(name, null, Map.of(), Map.of(), Map.of(), Map.of(), "", "", List.of());
    }

    /** Whether it says anything of one check. */
    public boolean mentions(String check) {
      return bad.containsKey(check)
          || unknown.containsKey(check)
          || impossible.containsKey(check)
          || planned.containsKey(check);
    }

    /** 0 for the worst. */
    private int rank() {
      if (unseen != null || !bad.isEmpty()) {
        return 0;
      }
      return unknown.isEmpty() ? 2 : 1;
    }

    boolean isFine() {
      return unseen == null
          && bad.isEmpty()
          && unknown.isEmpty()
          && impossible.isEmpty()
          && planned.isEmpty()
          && work.isEmpty();
    }

    /** What it says of one check. */
    public Finding finding(String check) {
      List<String> texts = bad.get(check);
      if (texts != null && texts.size() == 2) {
        return new Finding.Bad(texts.get(0), texts.get(1));
      }
      String why = unknown.get(check);
      if (why != null) {
        return new Finding.Unknown(why);
      }
      String expected = planned.get(check);
      if (expected != null) {
        return new Finding.Planned(expected);
      }
      String never = impossible.get(check);
      return never != null ? new Finding.Impossible(never) : new Finding.Fine("");
    }
  }

  /** What the sights of all hosts came to. */
  public static LookResult of(Instant at, Map<String, Looker.Sight> sights) {
    var hosts = new ArrayList<HostResult>();
    new TreeMap<>(sights).forEach((name, sight) -> hosts.add(HostResult.of(name, sight)));
    return new LookResult(at.toString(), false, hosts, List.of(), false);
  }

  /** What is to be said of a run that was not due. */
  public static LookResult notDue(Instant at) {
    return new LookResult(at.toString(), true, List.of(), List.of(), false);
  }

  /**
   * Text of 4096 bytes at the most, for {@link #decode}: first figures are left out, then hosts
   * that are fine, since a host that is not mentioned is fine; then the texts are shortened, then
   * whole hosts are left out, the worst last, and named where there is room for that.
   */
  public String encode() {
    String whole = text(shorter(LONGEST, hosts.size()));
    if (TerminationMessage.fits(whole)) {
      return whole;
    }
    // By its size a database's growth is told; the others are for those who watch alone.
    for (Predicate<Figure> kept : List.<Predicate<Figure>>of(Figure::isCompared, _ -> false)) {
      List<HostResult> fewer = hosts.stream().map(host -> host.with(kept)).toList();
      String text =
          text(new LookResult(at, skipped, fewer, cut, more).shorter(LONGEST, fewer.size()));
      if (TerminationMessage.fits(text)) {
        return text;
      }
    }
    List<HostResult> worstFirst =
        hosts.stream()
            .map(host -> host.with(_ -> false))
            .filter(host -> !host.isFine())
            .sorted(Comparator.comparingInt(HostResult::rank))
            .toList();
    return new LookResult(at, skipped, worstFirst, cut, more).shortened();
  }

  private String shortened() {
    for (int length = LONGEST; length >= SHORTEST; length /= 2) {
      String text = text(shorter(length, hosts.size()));
      if (TerminationMessage.fits(text)) {
        return text;
      }
    }
    IntFunction<String> named = kept -> text(shorter(SHORTEST, kept));
    String text = named.apply(TerminationMessage.most(hosts.size() - 1, named));
    if (TerminationMessage.fits(text)) {
      return text;
    }
    IntFunction<String> nameless =
        kept -> text(new LookResult(at, skipped, shorter(SHORTEST, kept).hosts, List.of(), true));
    return nameless.apply(TerminationMessage.most(hosts.size() - 1, nameless));
  }

  /** Whether {@code host} may have been looked at without a word of it here. */
  public boolean isCut(String host) {
    return cut.contains(host) || (more && hosts.stream().noneMatch(h -> h.name().equals(host)));
  }

  private LookResult shorter(int length, int kept) {
    return new LookResult(
        at,
        skipped,
        hosts.subList(0, kept).stream().map(host -> host.shorter(length)).toList(),
        hosts.subList(kept, hosts.size()).stream().map(HostResult::name).toList(),
        false);
  }

  private static String text(LookResult result) {
    try {
      return TerminationMessage.fitted(JSON.writeValueAsString(result));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** What {@link #encode} wrote; nothing if it is something else, such as the end of a log. */
  public static Optional<LookResult> decode(String text) {
    try {
      String json = TerminationMessage.unpack(text).orElse(text);
      LookResult result = JSON.readValue(json, LookResult.class);
      Instant.parse(result.at());
      return Optional.of(result);
    } catch (JsonProcessingException | RuntimeException e) {
      return Optional.empty();
    }
  }
}
