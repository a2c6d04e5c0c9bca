package dev.drydock.work;

import dev.drydock.api.v1alpha1.maintenance.Verify;
import dev.drydock.api.v1alpha1.maintenance.Verify.VerifyHttp;
import dev.drydock.api.v1alpha1.maintenance.Verify.VerifyLogs;
import dev.drydock.kernel.Durations;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker.Seen;
import dev.drydock.probe.Looker.Sight;
import dev.drydock.probe.Looker.Unseen;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What must be so on a host after work: it is looked at again until it is, or time is over. */
final class Verification {
  private static final Duration TIMEOUT = Duration.ofMinutes(2);
  private static final Duration AGAIN = Duration.ofSeconds(3);
  private static final long ANSWER_MILLIS = 5000;
  private static final Pattern LINES = Pattern.compile("(?:at least )?([0-9]{1,9}) lines?");
  private static final String LOGS = "logs";

  private final @Nullable Verify verify;
  private final Instant began;
  private final int oldLines;

  private Verification(@Nullable Verify verify, Instant began, int oldLines) {
    this.verify = verify;
    this.began = began;
    this.oldLines = oldLines;
  }

  /**
   * Begins before the work does: lines of a log without times are old if they stand there now.
   *
   * @param verify what is asked for; null: nothing
   */
  static Verification begin(Site site, @Nullable Verify verify) throws InterruptedException {
    Instant began = site.now();
    if (verify == null || verify.logs() == null) {
      return new Verification(verify, began, 0);
    }
    Demand logs = logs(verify.logs(), 1, 0);
    int old =
        site.look(Map.of(LOGS, logs), site.lookDeadline()) instanceof Seen seen
            ? lines(Objects.requireNonNull(seen.findings().get(LOGS)))
            : 0;
    return new Verification(verify, began, old);
  }

  private static int lines(Finding finding) {
    String value =
        switch (finding) {
          case Finding.Fine fine -> fine.value();
          case Finding.Bad bad -> bad.value();
          case Finding.Impossible _, Finding.Planned _, Finding.Unknown _ -> "";
        };
    Matcher lines = LINES.matcher(value);
    return lines.matches() ? Integer.parseInt(lines.group(1)) : 0;
  }

  /**
   * Looks until everything is as it must be.
   *
   * @param before what ran before, and must run again
   * @return what is wrong after all the time that it may take
   */
  Optional<String> wrong(Site site, Before before) throws InterruptedException {
    Duration timeout = verify == null ? TIMEOUT : Durations.parse(verify.timeout(), TIMEOUT);
    Instant end = site.now().plus(timeout);
    while (true) {
      Map<String, Demand> demands = demands(verify, before, began, site.now(), oldLines);
      Optional<String> problem =
          demands.isEmpty() ? Optional.empty() : problem(site.look(demands, site.lookDeadline()));
      if (problem.isEmpty()) {
        problem = before.newlyFailed(site);
      }
      if (problem.isEmpty()) {
        site.say("verify", "everything is as it must be");
        return Optional.empty();
      }
      site.say("verify", problem.get());
      if (!site.now().isBefore(end)) {
        return problem.map(text -> text + " (after " + Durations.text(timeout) + ")");
      }
      site.pause(AGAIN);
    }
  }

  static Optional<String> problem(Sight sight) {
    return switch (sight) {
      case Unseen unseen -> Optional.of("the host can't be looked at: " + unseen.message());
      case Seen seen -> {
        List<String> wrong =
            seen.findings().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(Map.Entry::getValue)
                .filter(finding -> !(finding instanceof Finding.Fine))
                .map(Finding::message)
                .distinct()
                .toList();
        yield wrong.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", wrong));
      }
    };
  }

  /** What is demanded at {@code now}. Pure. */
  static Map<String, Demand> demands(
      @Nullable Verify verify, Before before, Instant began, Instant now, int oldLines) {
    var demands = new LinkedHashMap<String, Demand>();
    var units = new ArrayList<>(before.units());
    Integer failed = null;
    if (verify != null) {
      if (verify.systemd() != null) {
        verify.systemd().units().stream().filter(u -> !units.contains(u)).forEach(units::add);
        failed = verify.systemd().failedUnits();
      }
      if (verify.pm2() != null) {
        demands.put("pm2", new Demand.Pm2(true, null, null, List.of()));
      }
      for (VerifyHttp http : verify.http()) {
        demands.put("http " + demands.size(), http(http));
      }
      if (verify.logs() != null) {
        long seconds = Math.max(1, Duration.between(began, now).toSeconds());
        demands.put(LOGS, logs(verify.logs(), seconds, oldLines));
      }
    }
    if (!units.isEmpty() || failed != null) {
      demands.put("units", new Demand.Units(units, failed));
    }
    if (!before.pm2().isEmpty()) {
      demands.put("pm2 before", new Demand.Pm2(true, null, null, before.pm2()));
    }
    return demands;
  }

  private static Demand http(VerifyHttp http) {
    return new Demand.Http(
        http.url(),
        !Boolean.FALSE.equals(http.viaHost()),
        Objects.requireNonNullElse(http.status(), 200),
        http.json() == null ? null : http.json().path(),
        http.json() == null ? null : http.json().equals(),
        ANSWER_MILLIS,
        Boolean.TRUE.equals(http.optional()));
  }

  private static Demand logs(VerifyLogs logs, long seconds, int oldLines) {
    return new Demand.Logs(
        logs.pm2(),
        logs.journal(),
        logs.file(),
        logs.pattern(),
        seconds,
        Objects.requireNonNullElse(logs.newLinesAbove(), 0) + oldLines,
        // Only what was added counts, and that is its newest part.
        Demand.Logs.Extent.NEWEST);
  }
}
