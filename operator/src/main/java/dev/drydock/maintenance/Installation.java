package dev.drydock.maintenance;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was brought about for a schedule. Informers show it a moment later: until then, what is
 * missing there was not deleted, and an older generation is nobody's change.
 */
final class Installation {
  private static final Duration ON_ITS_WAY = Duration.ofMinutes(1);

  /** A Job that the CronJob controller makes may still name what was replaced. */
  private static final Duration KEPT = Duration.ofMinutes(15);

  private final int inputs;
  private final Instant at;
  private final Map<String, Long> made = new HashMap<>();
  private final Set<String> shown = new HashSet<>();

  /** By task: what its Jobs do, and where. */
  private final Map<String, String> contents = new HashMap<>();

  private boolean complete = true;

  /**
   * @param inputs a hash of all that the objects are derived from
   */
  Installation(int inputs, Instant at) {
    this.inputs = inputs;
    this.at = at;
  }

  /** Adds an object as the API server has it, or, if it never changes, as it was asked for. */
  void add(HasMetadata object) {
    made.put(key(object), generation(object));
  }

  /** Says what the Jobs of a task do now, whether or not that could be brought about. */
  void expect(String task, String content) {
    contents.put(task, content);
  }

  /** Whether a Job does what its task says now: it may have been made before an edit. */
  boolean isCurrent(TaskJob job) {
    return job.origin().content().equals(contents.get(job.task()));
  }

  /** Something of it was refused: it is tried again in the next turn. */
  void incomplete() {
    complete = false;
  }

  /**
   * Whether an object, as informers show it, is what was made: not what was there before, nor what
   * somebody made of it.
   */
  boolean isMade(HasMetadata object) {
    Long generation = made.get(key(object));
    return generation != null && generation == generation(object);
  }

  /** Whether nobody needs an object any more: it was replaced long enough ago. */
  boolean isOver(HasMetadata object, Instant now) {
    return !made.containsKey(key(object)) && !now.isBefore(at.plus(KEPT));
  }

  /**
   * Whether there is nothing to be done.
   *
   * @param objects what informers show
   */
  boolean stands(int inputs, Stream<? extends HasMetadata> objects, Instant now) {
    if (!complete || this.inputs != inputs) {
      return false;
    }
    Map<String, Long> present =
        objects.collect(Collectors.toMap(Installation::key, Installation::generation));
    return made.keySet().stream().allMatch(key -> stands(key, present.get(key), now));
  }

  private boolean stands(String key, @Nullable Long present, Instant now) {
    long expected = Objects.requireNonNull(made.get(key));
    if (present != null && present == expected) {
      shown.add(key);
      return true;
    }
    boolean isBehind = present == null || present < expected;
    return isBehind && !shown.contains(key) && now.isBefore(at.plus(ON_ITS_WAY));
  }

  private static String key(HasMetadata object) {
    return object.getKind() + "/" + object.getMetadata().getName();
  }

  /** Kinds that have no specification have no generation. */
  private static long generation(HasMetadata object) {
    Long generation = object.getMetadata().getGeneration();
    return generation == null ? 0 : generation;
  }
}
