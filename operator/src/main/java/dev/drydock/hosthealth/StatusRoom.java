package dev.drydock.hosthealth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.CheckNote;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Sample;
import dev.drydock.kernel.Text;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a status so small that etcd takes it: one that it does not take is not written, and nobody
 * is told of anything. No alert is given up for that, only what is said beside it. Pure.
 */
final class StatusRoom {
  /** etcd takes 1.5 MiB at a time, with the spec, and with who wrote which field. */
  static final int MOST = 1 << 20;

  /** What is over takes no more than this. */
  private static final int RECENT = 200_000;

  /** With fewer, hourly ones don't reach back a day. */
  private static final int DAY = 24;

  private static final int[] LENGTHS = {120, 40};
  private static final ObjectMapper JSON = new ObjectMapper();

  private StatusRoom() {}

  /**
   * A status that fits.
   *
   * @param crowded whether people miss something for that, or soon may
   */
  record Fitted(HostHealthPolicyStatus status, boolean crowded) {}

  static Fitted fit(HostHealthPolicyStatus status) {
    if (size(status) <= MOST / 2) {
      return new Fitted(status, false);
    }
    // What goes and what is said of it is told from what stays: it must not change with each turn.
    List<HostState> hosts = each(status.hosts(), host -> with(host, List.of()));
    HostHealthPolicyStatus bare = with(status, hosts, 0);
    int room = MOST - size(bare);
    boolean crowded = room < RECENT;
    for (int i = 0; room < 0 && i < 2 * LENGTHS.length; i++) {
      int length = LENGTHS[i % LENGTHS.length];
      boolean alerts = i >= LENGTHS.length;
      hosts = each(hosts, host -> clipped(host, length, alerts));
      room = MOST - size(with(status, hosts, 0));
    }
    int recent = Math.max(status.recentAlerts().size(), status.recentRemedies().size());
    HostHealthPolicyStatus next = with(status, hosts, recent);
    while (recent > 0 && size(next) > MOST) {
      recent /= 2;
      next = with(status, hosts, recent);
    }
    int samples = samples(status.hosts(), MOST - size(next));
    return new Fitted(
        with(next, with(hosts, status.hosts(), samples), recent), crowded || samples < DAY);
  }

  /** How many there is room for of each check of each host. */
  private static int samples(List<HostState> hosts, int room) {
    List<Sample> all = hosts.stream().flatMap(host -> host.samples().stream()).toList();
    if (all.isEmpty()) {
      return Integer.MAX_VALUE;
    }
    long grown =
        hosts.stream()
            .mapToLong(host -> host.samples().stream().map(Sample::check).distinct().count())
            .sum();
    // For each host's list there is its name, too.
    long left = room - 16L * hosts.size();
    return (int) Math.max(0, left * all.size() / (grown * size(all)));
  }

  /** The newest. */
  private static List<Sample> newest(List<Sample> samples, int ofEach) {
    var counts = new HashMap<String, Integer>();
    var kept = new ArrayList<Sample>();
    for (Sample sample : samples.reversed()) {
      if (counts.merge(sample.check(), 1, Integer::sum) <= ofEach) {
        kept.add(sample);
      }
    }
    return List.copyOf(kept.reversed());
  }

  /** Of a remedy's own line nothing may go: it says which command sets it free. */
  private static HostState clipped(HostState host, int length, boolean alerts) {
    return new HostState(
        host.name(),
        host.state(),
        host.message(),
        host.unknownSince(),
        host.work(),
        each(host.alerts(), alert -> clipped(alert, length, alerts)),
        each(host.unknown(), note -> clipped(note, length)),
        each(host.impossible(), note -> clipped(note, length)),
        host.remedies(),
        host.flaps(),
        host.samples());
  }

  /**
   * @param all false: only what is said of its remedy
   */
  private static AlertState clipped(AlertState alert, int length, boolean all) {
    return new AlertState(
        alert.check(),
        alert.severity(),
        alert.phase(),
        alert.since(),
        alert.fineSince(),
        all ? clipped(alert.value(), length) : alert.value(),
        all ? clipped(alert.message(), length) : alert.message(),
        clipped(alert.remedy(), length),
        alert.told(),
        alert.toldResolved(),
        alert.lastTold(),
        alert.failingSince(),
        alert.owed());
  }

  private static CheckNote clipped(CheckNote note, int length) {
    return new CheckNote(note.check(), Text.line(note.message(), length), note.since());
  }

  private static @Nullable String clipped(@Nullable String text, int length) {
    return text == null ? null : Text.line(text, length);
  }

  private static HostState with(HostState host, List<Sample> samples) {
    return new HostState(
        host.name(),
        host.state(),
        host.message(),
        host.unknownSince(),
        host.work(),
        host.alerts(),
        host.unknown(),
        host.impossible(),
        host.remedies(),
        host.flaps(),
        samples);
  }

  private static List<HostState> with(List<HostState> hosts, List<HostState> from, int samples) {
    var next = new ArrayList<HostState>();
    for (int i = 0; i < hosts.size(); i++) {
      next.add(with(hosts.get(i), newest(from.get(i).samples(), samples)));
    }
    return next;
  }

  /**
   * @param recent how many of the newest are kept of what is over
   */
  private static HostHealthPolicyStatus with(
      HostHealthPolicyStatus status, List<HostState> hosts, int recent) {
    return new HostHealthPolicyStatus(
        status.observedGeneration(),
        status.conditions(),
        status.summary(),
        status.cronJob(),
        status.lastLook(),
        status.lastReport(),
        status.lastHandledReport(),
        status.lastHandledAcknowledge(),
        hosts,
        status.reportsUnderway(),
        last(status.recentAlerts(), recent),
        last(status.recentRemedies(), recent));
  }

  private static <T> List<T> last(List<T> list, int most) {
    return list.subList(Math.max(0, list.size() - most), list.size());
  }

  private static <T> List<T> each(List<T> list, UnaryOperator<T> change) {
    return list.stream().map(change).toList();
  }

  private static int size(Object part) {
    try {
      return JSON.writeValueAsBytes(part).length;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a status that is no JSON", e);
    }
  }
}
