package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Sample;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Sizes;
import dev.drydock.probe.Finding;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How fast something grows, from samples that status keeps: one an hour, for two days where looks
 * are that frequent. Pure.
 */
final class Growth {
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration BETWEEN = Duration.ofHours(1);

  /** From less than this a day's growth can't be told; what has grown already can. */
  private static final Duration TELLING = Duration.ofHours(6);

  private static final int KEPT = 48;

  /** What the schema of the status has room for. */
  private static final int ROOM = 200;

  private Growth() {}

  /** What the look found of a check, with what the samples say of its growth. */
  static Finding judge(
      Check check, Finding finding, @Nullable Double measured, List<Sample> samples, Instant now) {
    Integer limit = limit(check);
    if (limit == null || measured == null) {
      return finding;
    }
    return base(check, samples, now)
        .flatMap(base -> tooFast(limit, base, measured, now))
        .map(
            fast ->
                finding instanceof Finding.Bad(String value, String message)
                    ? new Finding.Bad(value + ", " + fast.value(), message + "; " + fast.message())
                    : fast)
        .<Finding>map(bad -> bad)
        .orElse(finding);
  }

  /** What figures of a policy's hosts are compared with. */
  record Past(List<Check> checks, Map<String, List<Sample>> samples) {
    static final Past NONE = new Past(List.of(), Map.of());

    Past {
      checks = checks.stream().filter(check -> limit(check) != null).toList();
      samples = Map.copyOf(samples);
    }

    static Past of(HostHealthPolicy policy) {
      var samples = new HashMap<String, List<Sample>>();
      if (policy.getStatus() != null) {
        policy.getStatus().hosts().forEach(host -> samples.put(host.name(), host.samples()));
      }
      return new Past(policy.getSpec().checks(), samples);
    }

    /** The findings of a look at {@code host}, with what the samples say. */
    Map<String, Finding> findings(String host, Sighting.Looked looked) {
      if (checks.isEmpty()) {
        return looked.findings();
      }
      var findings = new HashMap<>(looked.findings());
      Map<String, Double> measures = looked.measures();
      for (Check check : checks) {
        findings.computeIfPresent(
            check.name(),
            (name, finding) -> judge(host, check, finding, measures.get(name), looked.at()));
      }
      return findings;
    }

    Finding judge(
        String host, Check check, Finding finding, @Nullable Double measured, Instant now) {
      return Growth.judge(check, finding, measured, samples.getOrDefault(host, List.of()), now);
    }
  }

  private static @Nullable Integer limit(Check check) {
    return check.postgresql() == null ? null : check.postgresql().growthPercentPerDayAbove();
  }

  /** The sample whose age is closest to a day. */
  private static Optional<Sample> base(Check check, List<Sample> samples, Instant now) {
    return samples.stream()
        .filter(sample -> sample.check().equals(check.name()))
        .filter(sample -> age(sample, now).compareTo(BETWEEN) >= 0)
        .min(Comparator.comparing(sample -> age(sample, now).minus(DAY).abs()));
  }

  private static Duration age(Sample sample, Instant now) {
    return Duration.between(Instant.parse(sample.time()), now);
  }

  private static Optional<Finding.Bad> tooFast(
      int limit, Sample base, double measured, Instant now) {
    double was = Double.parseDouble(base.value());
    if (was <= 0) {
      return Optional.empty();
    }
    Duration age = age(base, now);
    double percent = 100 * (measured - was) / was;
    if (age.compareTo(TELLING) >= 0) {
      percent = percent * DAY.toSeconds() / age.toSeconds();
    }
    if (percent <= limit) {
      return Optional.empty();
    }
    String value = String.format(Locale.ROOT, "+%.0f %% a day", percent);
    return Optional.of(
        new Finding.Bad(
            value,
            "the database grows by "
                + value.substring(1)
                + ", from "
                + Sizes.text(Math.round(was))
                + " to "
                + Sizes.text(Math.round(measured))
                + " within "
                + Durations.text(age)
                + "; the limit is "
                + limit
                + " %"));
  }

  /** The samples to keep: those of checks that still ask for growth, with a new one each hour. */
  static List<Sample> keep(
      List<Check> checks, List<Sample> samples, Map<String, Double> measures, Instant now) {
    List<String> names =
        checks.stream().filter(check -> limit(check) != null).map(Check::name).toList();
    int room = names.isEmpty() ? 0 : Math.min(KEPT, ROOM / names.size());
    var kept = new ArrayList<Sample>();
    for (String name : names) {
      var own =
          new ArrayList<>(samples.stream().filter(sample -> sample.check().equals(name)).toList());
      Double measured = measures.get(name);
      if (measured != null && (own.isEmpty() || age(own.getLast(), now).compareTo(BETWEEN) >= 0)) {
        own.add(
            new Sample(
                name,
                now.truncatedTo(ChronoUnit.SECONDS).toString(),
                BigDecimal.valueOf(measured).stripTrailingZeros().toPlainString()));
      }
      kept.addAll(own.subList(Math.max(0, own.size() - room), own.size()));
    }
    return List.copyOf(kept);
  }
}
