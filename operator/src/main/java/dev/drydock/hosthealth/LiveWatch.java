package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.kernel.Cadence;
import dev.drydock.kube.HostAccesses;
import dev.drydock.port.Credentials;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at each host of each policy once an interval, every host on a virtual thread of its own, so
 * that a host which hangs delays no other. The reconciler is woken only by news.
 */
public final class LiveWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LiveWatch.class);
  private static final Duration REFRESH = Duration.ofMinutes(5);
  private static final Duration LONGEST_STAGGER = Duration.ofSeconds(3);

  /**
   * How long nobody may have looked before a first look. Where a node dies, Kubernetes takes ten
   * minutes to have the operator run on another.
   */
  private static final Duration AWAY = Duration.ofMinutes(15);

  private final Looker looker;
  private final Function<Host, HostAccesses.Result> accesses;
  private final Function<String, Credentials> credentials;
  private final BiFunction<String, String, Optional<Host>> hosts;
  private final Clock clock;
  private final Map<String, Watched> policies = new ConcurrentHashMap<>();
  private volatile BiConsumer<String, String> news = (_, _) -> {};
  private volatile Witness witness = (_, _, _, _, _) -> {};
  private volatile boolean closed;

  /** Whoever hears of each look, whether it is news or not. */
  @FunctionalInterface
  interface Witness {
    void looked(String namespace, String policy, String host, Duration interval, Sighting sighting);
  }

  /**
   * @param accesses finds the way to a host
   * @param credentials finds the passwords of services by namespace
   * @param hosts finds a Host by namespace and name
   */
  public LiveWatch(
      Looker looker,
      Function<Host, HostAccesses.Result> accesses,
      Function<String, Credentials> credentials,
      BiFunction<String, String, Optional<Host>> hosts,
      Clock clock) {
    this.looker = looker;
    this.accesses = accesses;
    this.credentials = credentials;
    this.hosts = hosts;
    this.clock = clock;
  }

  /** Calls {@code listener} with a policy's namespace and name when there is news of its hosts. */
  void whenNews(BiConsumer<String, String> listener) {
    news = listener;
  }

  /** Tells {@code all} of each look; it must not take long. */
  void whenLooked(Witness all) {
    witness = all;
  }

  /** Watches these hosts of a policy, and no others any more; once it is closed, none. */
  void watch(
      String namespace,
      String policy,
      Duration interval,
      Map<String, Map<String, Demand>> demands) {
    policies
        .computeIfAbsent(namespace + "/" + policy, _ -> new Watched(namespace, policy))
        .update(interval, demands);
  }

  /** Stops to watch a policy's hosts. */
  void stop(String namespace, String policy) {
    Watched gone = policies.remove(namespace + "/" + policy);
    if (gone != null) {
      gone.update(Duration.ZERO, Map.of());
    }
  }

  /** The newest sighting of each host that was looked at. */
  Map<String, Sighting> sightings(String namespace, String policy) {
    Watched watched = policies.get(namespace + "/" + policy);
    return watched == null ? Map.of() : watched.sightings();
  }

  /**
   * Ends all looks and forgets what they saw, for good: reconcilers go on for a while, and must not
   * take an operator that stops for hosts that are out of reach.
   */
  @Override
  public void close() {
    closed = true;
    policies.values().forEach(watched -> watched.update(Duration.ZERO, Map.of()));
  }

  /** The hosts of one policy. */
  private final class Watched {
    private final String namespace;
    private final String policy;
    private final Map<String, Post> posts = new HashMap<>();

    Watched(String namespace, String policy) {
      this.namespace = namespace;
      this.policy = policy;
    }

    synchronized void update(Duration interval, Map<String, Map<String, Demand>> asked) {
      Map<String, Map<String, Demand>> demands = closed ? Map.of() : asked;
      var read = new HashMap<String, Read>();
      posts
          .entrySet()
          .removeIf(
              entry -> {
                Post post = entry.getValue();
                boolean same =
                    post.interval.equals(interval)
                        && post.demands.equals(demands.get(entry.getKey()));
                if (!same) {
                  post.stop();
                  Read last = post.read;
                  if (last != null) {
                    read.put(entry.getKey(), last.of(post.demands, demands.get(entry.getKey())));
                  }
                }
                return !same;
              });
      demands.forEach(
          (host, wanted) ->
              posts.computeIfAbsent(
                  host,
                  name -> new Post(namespace, policy, name, interval, wanted, read.get(name))));
    }

    synchronized Map<String, Sighting> sightings() {
      var sightings = new HashMap<String, Sighting>();
      posts.forEach(
          (host, post) -> {
            Sighting last = post.last;
            if (last != null) {
              sightings.put(host, last);
            }
          });
      return sightings;
    }
  }

  /**
   * How far the logs of a host were read.
   *
   * @param until when the last look began that the host answered
   * @param missed for checks that it had no time for, when the last one began that had
   */
  private record Read(Instant until, Map<String, Instant> missed) {
    Instant from(String check) {
      return missed.getOrDefault(check, until);
    }

    /** The same once {@code now} is demanded: what was edited begins anew. */
    Read of(Map<String, Demand> before, @Nullable Map<String, Demand> now) {
      var same = new HashMap<>(missed);
      same.keySet()
          .removeIf(check -> now == null || !Objects.equals(before.get(check), now.get(check)));
      return new Read(until, Map.copyOf(same));
    }
  }

  /** One host of one policy, looked at by one thread. */
  private final class Post {
    private final String namespace;
    private final String policy;
    private final String host;
    private final Duration interval;
    private final Map<String, Demand> demands;
    private final Thread thread;
    private volatile @Nullable Sighting last;
    private Instant refreshed = Instant.EPOCH;

    private volatile @Nullable Read read;

    Post(
        String namespace,
        String policy,
        String host,
        Duration interval,
        Map<String, Demand> demands,
        @Nullable Read read) {
      this.namespace = namespace;
      this.policy = policy;
      this.host = host;
      this.interval = interval;
      this.demands = Map.copyOf(demands);
      this.read = read;
      thread =
          Thread.ofVirtual()
              .name("watch " + namespace + "/" + policy + "/" + host)
              .unstarted(this::watch);
      thread.start();
    }

    void stop() {
      thread.interrupt();
    }

    private void watch() {
      try {
        // Soon, since nobody has looked; the further looks are spread over the interval.
        long stagger = Math.min(interval.toMillis() / 10, LONGEST_STAGGER.toMillis());
        Thread.sleep(ThreadLocalRandom.current().nextLong(stagger + 1));
        while (true) {
          Sighting sighting = look();
          if (Thread.interrupted() || closed) {
            return;
          }
          Sighting before = last;
          last = sighting;
          tell(before, sighting);
          Thread.sleep(
              Cadence.untilNext(namespace + "/" + policy + "/" + host, interval, clock.instant()));
        }
      } catch (InterruptedException e) {
        // Nobody asks any more.
      }
    }

    /** Whoever can't hear it does not end the looks. */
    private void tell(@Nullable Sighting before, Sighting now) {
      try {
        witness.looked(namespace, policy, host, interval, now);
        if (isNews(before, now)) {
          news.accept(namespace, policy);
        }
      } catch (RuntimeException | Error e) {
        LOG.atError().setCause(e).addKeyValue("host", host).log("a look could not be told of");
      }
    }

    private Sighting look() {
      try {
        Optional<Host> found = hosts.apply(namespace, host);
        if (found.isEmpty()) {
          return new Sighting.Unseen(
              "there is no Host " + host + " in this namespace: create it", clock.instant());
        }
        return switch (accesses.apply(found.get())) {
          case HostAccesses.Unusable unusable ->
              new Sighting.Unseen(unusable.message(), clock.instant());
          case HostAccesses.Access access -> {
            Instant begun = clock.instant();
            yield switch (looker.look(
                access.host(), demandsAt(begun), credentials.apply(namespace), access.timeout())) {
              case Looker.Unseen(String message) -> new Sighting.Unseen(message, clock.instant());
              case Looker.Seen seen -> {
                Read last = readUntil(begun);
                read =
                    new Read(
                        begun,
                        seen.missed().stream()
                            .collect(Collectors.toUnmodifiableMap(key -> key, last::from)));
                yield seen(seen);
              }
            };
          }
        };
      } catch (RuntimeException | Error e) {
        LOG.atWarn().setCause(e).addKeyValue("host", host).log("a look failed");
        return new Sighting.Unseen(
            "the operator could not look: " + e.getClass().getSimpleName(), clock.instant());
      }
    }

    /** What is demanded at {@code now}: of logs, what was written since the last look. */
    private Map<String, Demand> demandsAt(Instant now) {
      Read last = readUntil(now);
      var since = new HashMap<String, Demand>();
      demands.forEach(
          (check, demand) ->
              since.put(
                  check,
                  demand instanceof Demand.Logs logs
                      ? logs.after(Duration.between(last.from(check), now))
                      : demand));
      return since;
    }

    /** How far logs were read before a look that begins {@code now}. */
    private Read readUntil(Instant now) {
      Read last = read;
      return last == null ? new Read(now.minus(interval.plus(AWAY)), Map.of()) : last;
    }

    private Sighting seen(Looker.Seen seen) {
      Instant now = clock.instant();
      boolean refresh = !refreshed.plus(REFRESH).isAfter(now);
      if (refresh) {
        refreshed = now;
      }
      return new Sighting.Looked(
          seen.findings(), seen.vitals(), seen.work(), now, refresh, seen.figures());
    }

    /** Whatever is not fine may have a timer that runs; what is fine is news once. */
    private boolean isNews(@Nullable Sighting before, Sighting now) {
      return !isFine(now) || before == null || !isFine(before);
    }

    private boolean isFine(Sighting sighting) {
      return sighting instanceof Sighting.Looked looked
          && looked.work().isEmpty()
          && looked.findings().values().stream().allMatch(Finding.Fine.class::isInstance);
    }
  }
}
