package dev.drydock.adapter.notify;

import dev.drydock.port.Alert;
import dev.drydock.port.Notifier.Destination.Email;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who has a mail that others of its recipients don't have yet, so that these are tried again
 * without a second copy for those. Forgotten at a restart, as the outbox is: then some get it
 * twice.
 */
final class Copies {
  private static final int REMEMBERED = 20_000;

  /** How long a recipient is tried when others have the mail. A page is of no use after that. */
  private static final Duration PATIENCE = Duration.ofHours(1);

  private final Map<Copy, Fate> fates =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Copy, Fate> eldest) {
          return size() > REMEMBERED;
        }
      };

  private record Copy(Email email, String to, String alert) {}

  /**
   * What became of one.
   *
   * @param arrived false: the server refuses this recipient for good
   */
  private record Fate(boolean arrived, Instant at) {}

  /** What a recipient is still to be sent. */
  synchronized List<Alert> missing(Email email, String to, List<Alert> alerts) {
    return alerts.stream()
        .filter(alert -> !fates.containsKey(new Copy(email, to, alert.key())))
        .toList();
  }

  synchronized void arrived(Email email, String to, List<Alert> alerts, Instant now) {
    alerts.forEach(alert -> fates.put(new Copy(email, to, alert.key()), new Fate(true, now)));
  }

  synchronized void refused(Email email, String to, List<Alert> alerts, Instant now) {
    alerts.forEach(alert -> fates.put(new Copy(email, to, alert.key()), new Fate(false, now)));
  }

  /** The keys of the alerts that somebody has, and others are still to be sent. */
  synchronized Set<String> partly(Email email, List<Alert> alerts) {
    return alerts.stream()
        .filter(alert -> !arrivals(email, alert).isEmpty())
        .map(Alert::key)
        .collect(Collectors.toSet());
  }

  /**
   * The keys of the alerts for which nothing is left to do, which are forgotten: somebody has them,
   * and everybody else has them as well, is refused for good, or was tried for long enough. What
   * nobody has is tried with everybody again.
   */
  synchronized Set<String> settle(Email email, List<Alert> alerts, Instant now) {
    var settled = new HashSet<String>();
    for (Alert alert : alerts) {
      List<Instant> arrivals = arrivals(email, alert);
      boolean everybody =
          email.to().stream().allMatch(to -> fates.containsKey(new Copy(email, to, alert.key())));
      boolean over =
          !arrivals.isEmpty()
              && (everybody || arrivals.stream().anyMatch(at -> at.plus(PATIENCE).isBefore(now)));
      if (over) {
        settled.add(alert.key());
      }
      if (over || arrivals.isEmpty()) {
        email.to().forEach(to -> fates.remove(new Copy(email, to, alert.key())));
      }
    }
    return settled;
  }

  private List<Instant> arrivals(Email email, Alert alert) {
    return email.to().stream()
        .map(to -> fates.get(new Copy(email, to, alert.key())))
        .filter(fate -> fate != null && fate.arrived())
        .map(Fate::at)
        .collect(Collectors.toList());
  }
}
