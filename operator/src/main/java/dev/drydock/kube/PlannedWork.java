package dev.drydock.kube;

import dev.drydock.kernel.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The planned work that this operator knows to go on, by host. The hosts' own journals tell the
 * same, and of other operators too; this one speaks where a host can't be asked, as during a
 * reboot, which the journal does not survive.
 *
 * <p>A Job that works on ten hosts one after the other is on one of them at a time, and on which
 * one, only the hosts know. So it is believed of a host only for a while after a look has found it
 * in the host's journal. Whoever does the work brings it back here after a restart of the operator.
 */
public final class PlannedWork {
  /** How long a host that is up again may take until its services run. */
  static final Duration STARTUP = Duration.ofMinutes(5);

  /**
   * How long a host may be out of sight, once for each work, before any look has found the work
   * there: it may have been begun and have rebooted the host between two looks.
   */
  static final Duration GRACE = Duration.ofMinutes(5);

  /** By namespace and host, and then by whoever works. */
  private final Map<String, Map<String, Claim>> hosts = new ConcurrentHashMap<>();

  /**
   * Work that may go on on a host.
   *
   * @param absence how long the host may be away for it; null: it goes on there for certain
   * @param belief null: nothing speaks for it yet
   */
  private record Claim(Work work, @Nullable Duration absence, @Nullable Belief belief) {

    Claim seen(Instant at) {
      return absence == null ? this : new Claim(work, absence, Belief.next(belief, at, absence));
    }

    Claim unseen(Instant at) {
      return absence == null
          ? this
          : new Claim(
              work, absence, Belief.next(belief, at, belief == null ? GRACE : Duration.ZERO));
    }

    boolean holds(Instant at) {
      return absence == null || (belief != null && belief.holds(at));
    }
  }

  /**
   * When it is believed to go on.
   *
   * @param until not from here on, whatever the host does
   * @param away when the host was last in its hands, or did not answer
   */
  private record Belief(Instant from, Instant until, Instant away) {

    static Belief next(@Nullable Belief before, Instant at, Duration length) {
      Instant until = at.plus(length);
      return before == null || before.until.isBefore(at)
          ? new Belief(at, until, at)
          : new Belief(
              earlier(before.from, at), later(before.until, until), later(before.away, at));
    }

    boolean holds(Instant at) {
      return !at.isBefore(from) && at.isBefore(until) && at.isBefore(away.plus(STARTUP));
    }

    private static Instant earlier(Instant one, Instant other) {
      return one.isBefore(other) ? one : other;
    }

    private static Instant later(Instant one, Instant other) {
      return one.isAfter(other) ? one : other;
    }
  }

  /**
   * Says that work goes on on a host for certain, until {@link #end}.
   *
   * @param by names the one who does it, as {@code kind/namespace/name}
   */
  public void begin(String namespace, String host, String by, Work work) {
    claim(namespace, host, by, new Claim(work, null, null));
  }

  /**
   * Says that work may go on on a host at any time until {@link #end}: the host's journal tells
   * when. Said again, it changes nothing.
   *
   * @param absence how long the host may be away at the most, until its services run again
   */
  public void expect(String namespace, String host, String by, Work work, Duration absence) {
    claim(namespace, host, by, new Claim(work, absence, null));
  }

  private void claim(String namespace, String host, String by, Claim claim) {
    hosts.compute(
        namespace + "/" + host,
        (_, before) -> {
          Map<String, Claim> claims = before == null ? new TreeMap<>() : new TreeMap<>(before);
          claims.merge(by, claim, (old, next) -> old.work().equals(next.work()) ? old : next);
          return claims;
        });
  }

  /** Says that it is over; harmless if it was not begun. */
  public void end(String namespace, String host, String by) {
    hosts.computeIfPresent(
        namespace + "/" + host,
        (_, before) -> {
          var claims = new TreeMap<>(before);
          claims.remove(by);
          return claims.isEmpty() ? null : claims;
        });
  }

  /** Says whom a host that answered named in its journal; empty: nobody. */
  public void seen(String namespace, String host, String holder, Instant at) {
    each(namespace, host, claim -> claim.work().holder().equals(holder) ? claim.seen(at) : claim);
  }

  /** Says that a host did not answer. */
  public void unseen(String namespace, String host, Instant at) {
    each(namespace, host, claim -> claim.unseen(at));
  }

  private void each(String namespace, String host, UnaryOperator<Claim> next) {
    hosts.computeIfPresent(
        namespace + "/" + host,
        (_, before) -> {
          var claims = new TreeMap<>(before);
          claims.replaceAll((_, claim) -> next.apply(claim));
          return claims;
        });
  }

  /**
   * What is to be believed to go on on a host where its journal does not tell; of several works one
   * that touches the whole host comes first.
   */
  public Optional<Work> on(String namespace, String host, Instant at) {
    return works(namespace, host, at)
        .filter(Work::touchesHost)
        .findFirst()
        .or(() -> works(namespace, host, at).findFirst());
  }

  private Stream<Work> works(String namespace, String host, Instant at) {
    return hosts.getOrDefault(namespace + "/" + host, Map.of()).values().stream()
        .filter(claim -> claim.holds(at))
        .map(Claim::work);
  }
}
