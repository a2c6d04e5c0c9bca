package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec.Mode;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.hosthealth.RemedyRunner.Errand;
import dev.drydock.hosthealth.RemedyRunner.Result;
import dev.drydock.kernel.Text;
import dev.drydock.kernel.Work;
import dev.drydock.kube.Demands;
import dev.drydock.kube.EventRecorder;
import dev.drydock.kube.HostAccesses;
import dev.drydock.kube.PlannedWork;
import dev.drydock.kube.RequestLimit;
import dev.drydock.port.Credentials;
import dev.drydock.port.HostShell;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The remedies of policies. What is about to be done stands in status first: a try begins only in a
 * turn that finds it there, on a thread of its own, and whoever finds it there after a restart of
 * the operator knows that it was interrupted. What came of a try is taken into status by the next
 * turn.
 */
public final class Remedies implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Remedies.class);
  private static final Duration AFTER_BUSY = Duration.ofMinutes(1);
  private static final Duration ENDING = Duration.ofSeconds(5);
  private static final int SHARE = 34;
  private static final int MESSAGE = 300;
  private static final int SAID = 120;
  private static final int LEAST_SAID = 20;
  private static final int TRIES = 100;
  private static final String UNKEPT =
      "its record could not be written into a ConfigMap: the operator's log has it, and why";

  private final Function<Host, HostAccesses.Result> accesses;
  private final Function<String, Credentials> credentials;
  private final BiFunction<String, String, Optional<Host>> hosts;
  private final PlannedWork works;
  private final InstantSource time;
  private final RemedyRunner runner;
  private final Shelf shelf;
  private final Map<String, Attempt> attempts = new ConcurrentHashMap<>();
  private volatile BiConsumer<String, String> news = (_, _) -> {};
  private volatile boolean closed;

  /** Where records are kept. */
  interface Shelf {
    /**
     * Keeps the record of a try, in place of what was kept of it before, and returns its name.
     *
     * @param ended whether that is all of it
     * @return null: it could not be kept
     */
    @Nullable String keep(
        HostHealthPolicy policy,
        String host,
        String check,
        String started,
        String text,
        boolean ended);

    /** The name of what an earlier operator kept of a try; null: nothing. */
    @Nullable String find(HostHealthPolicy policy, String host, String check, String started);
  }

  /**
   * @param credentials the passwords of a namespace
   * @param hosts finds a Host by namespace and name
   */
  public Remedies(
      KubernetesClient client,
      RequestLimit limit,
      HostShell shell,
      Looker looker,
      HostAccesses accesses,
      Function<String, Credentials> credentials,
      BiFunction<String, String, Optional<Host>> hosts,
      PlannedWork works,
      InstantSource time) {
    this(
        new RemedyConfigMap(client, limit, Thread::sleep),
        new RemedyRunner(shell, looker, time, Thread::sleep),
        accesses::of,
        credentials,
        hosts,
        works,
        time);
  }

  Remedies(
      Shelf shelf,
      RemedyRunner runner,
      Function<Host, HostAccesses.Result> accesses,
      Function<String, Credentials> credentials,
      BiFunction<String, String, Optional<Host>> hosts,
      PlannedWork works,
      InstantSource time) {
    this.shelf = shelf;
    this.runner = runner;
    this.accesses = accesses;
    this.credentials = credentials;
    this.hosts = hosts;
    this.works = works;
    this.time = time;
  }

  /** Calls {@code listener} with a policy's namespace and name when a try has ended. */
  void whenNews(BiConsumer<String, String> listener) {
    news = listener;
  }

  /** One try, from its intent on. */
  private static final class Attempt {
    private final String started;
    private final @Nullable RemedyState before;
    private volatile @Nullable Thread thread;
    private volatile @Nullable Result result;
    private volatile @Nullable String record;
    private volatile boolean unkept;
    private volatile @Nullable Instant notBefore;
    private volatile @Nullable Idle idle;

    /** With this value of the alert there was nothing that could be done. */
    private record Idle(String value, Instant until) {}

    Attempt(String started, @Nullable RemedyState before) {
      this.started = started;
      this.before = before;
    }
  }

  /**
   * What a turn came to.
   *
   * @param acknowledged the value of the annotation that was handled; empty: none was
   * @param news what is to be told once it is written
   * @param ended the tries whose end this turn takes into status
   */
  record Turn(List<HostState> hosts, String acknowledged, List<News> news, List<EndedTry> ended) {}

  /** How one try has ended. */
  record EndedTry(String host, String check, RemedyPhase phase) {}

  /** One event. */
  record News(boolean warning, String reason, String note) {}

  /** Decides for every host and check, and begins what is in status already. */
  Turn turn(HostHealthPolicy policy, List<HostState> planned, View view, Instant now) {
    HostHealthPolicyStatus status = policy.getStatus();
    var acknowledgement =
        Acknowledgement.of(
            policy.getMetadata().getAnnotations() == null
                ? null
                : policy.getMetadata().getAnnotations().get(Acknowledgement.ANNOTATION),
            status == null ? null : status.lastHandledAcknowledge());
    var turn = new OneTurn(policy, planned, view, acknowledgement, now);
    var next = planned.stream().map(turn::host).toList();
    if (!acknowledgement.misses().isEmpty()) {
      turn.news.add(new News(true, "AcknowledgementUnknown", acknowledgement.misses()));
    }
    return new Turn(next, acknowledgement.value(), turn.news, turn.ended);
  }

  /** Tells of a turn that is written. */
  static void tell(HostHealthPolicy policy, Turn turn, EventRecorder events) {
    for (News one : turn.news()) {
      if (one.warning()) {
        events.warning(policy, one.reason(), "Remedy", one.note());
      } else {
        events.normal(policy, one.reason(), "Remedy", one.note());
      }
    }
  }

  /** Forgets a policy that is gone; a try that is at work there goes on to its end. */
  void forget(HostHealthPolicy policy) {
    attempts.keySet().removeIf(key -> key.startsWith(policy.getMetadata().getUid() + "/"));
  }

  /**
   * Ends what is at work, and gives it a little time to keep its records; the next operator says
   * that it was interrupted.
   */
  @Override
  public void close() {
    closed = true;
    List<Thread> threads =
        attempts.values().stream()
            .<Thread>mapMulti(
                (attempt, next) -> {
                  Thread thread = attempt.thread;
                  if (thread != null) {
                    next.accept(thread);
                  }
                })
            .toList();
    threads.forEach(Thread::interrupt);
    long end = System.nanoTime() + ENDING.toNanos();
    try {
      for (Thread thread : threads) {
        var _ = thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String key(HostHealthPolicy policy, String host, String check) {
    return policy.getMetadata().getUid() + "/" + host + "/" + check;
  }

  /** One policy in one turn. */
  private final class OneTurn {
    private final HostHealthPolicy policy;
    private final HostHealthPolicySpec spec;
    private final View view;
    private final Acknowledgement acknowledgement;
    private final Instant now;
    private final List<News> news = new ArrayList<>();
    private final List<EndedTry> ended = new ArrayList<>();

    /** Hosts on which remedies are at work, with the check whose remedy that is. */
    private final Map<String, String> busy = new LinkedHashMap<>();

    private final int most;

    OneTurn(
        HostHealthPolicy policy,
        List<HostState> planned,
        View view,
        Acknowledgement acknowledgement,
        Instant now) {
      this.policy = policy;
      this.view = view;
      this.acknowledgement = acknowledgement;
      this.now = now;
      spec = policy.getSpec();
      most =
          RemedyPlan.most(
              (int) planned.stream().filter(HealthPlan::isCovered).count(),
              spec.maxRemediesPercent() == null ? SHARE : spec.maxRemediesPercent());
      for (HostState host : planned) {
        for (RemedyState state : host.remedies()) {
          Attempt attempt = attempts.get(key(policy, host.name(), state.check()));
          if (state.phase() == RemedyPhase.Running && attempt != null && attempt.result == null) {
            busy.put(host.name(), state.check());
          }
        }
      }
    }

    HostState host(HostState host) {
      Map<String, RemedyState> states = new LinkedHashMap<>();
      for (RemedyState state : host.remedies()) {
        RemedyState seen = acknowledgement.apply(host, state, now);
        states.put(state.check(), seen);
        if (seen.phase() != state.phase()) {
          note(false, host, state.check(), seen.phase(), String.valueOf(seen.message()));
        }
      }
      Map<String, AlertState> alerts = new LinkedHashMap<>();
      host.alerts().forEach(alert -> alerts.put(alert.check(), alert));
      Set<String> checks = new LinkedHashSet<>();
      for (Check check : spec.checks()) {
        if (check.remedy() != null) {
          checks.add(check.name());
          one(host, check, states, alerts);
        }
      }
      states
          .values()
          .removeIf(
              state ->
                  state.phase() == RemedyPhase.Running
                      ? !checks.contains(state.check()) && !isAtWork(host, state)
                      : !checks.contains(state.check())
                          || isForgotten(state, alerts.get(state.check())));
      return new HostState(
          host.name(),
          host.state(),
          host.message(),
          host.unknownSince(),
          host.work(),
          List.copyOf(alerts.values()),
          host.unknown(),
          host.impossible(),
          List.copyOf(states.values()),
          host.flaps(),
          host.samples());
    }

    private boolean isAtWork(HostState host, RemedyState state) {
      Attempt attempt = attempts.get(key(policy, host.name(), state.check()));
      return attempt != null && attempt.thread != null && attempt.result == null;
    }

    /** Whether nothing of it matters any more. */
    private boolean isForgotten(RemedyState state, @Nullable AlertState alert) {
      return alert == null
          && state.phase() != RemedyPhase.Held
          && RemedyPlan.tries(state, now).isEmpty();
    }

    private void one(
        HostState host,
        Check check,
        Map<String, RemedyState> states,
        Map<String, AlertState> alerts) {
      RemedyState before = states.get(check.name());
      AlertState alert = alerts.get(check.name());
      if (before != null && before.phase() == RemedyPhase.Running) {
        RemedyState next = running(host, check, before, alert);
        states.put(check.name(), next);
        if (alert != null) {
          alerts.put(check.name(), with(alert, next.message()));
        }
        return;
      }
      Optional<Host> resource = hosts.apply(policy.getMetadata().getNamespace(), host.name());
      if (resource.isEmpty()) {
        return;
      }
      Instant busyUntil = busyUntil(host.name(), check, alert);
      var decision = RemedyPlan.decide(situation(host, check, resource.get(), alert, before), now);
      if (decision instanceof RemedyPlan.Begin && busyUntil != null && now.isBefore(busyUntil)) {
        return;
      }
      switch (decision) {
        case RemedyPlan.Nothing _ -> {
          // What was said stays, unless a person has seen to it.
          if (before != null && before.phase() == RemedyPhase.Acknowledged) {
            say(alerts, check, String.valueOf(before.message()));
          }
        }
        case RemedyPlan.Wait(String message) -> say(alerts, check, message);
        case RemedyPlan.Observe(String message) ->
            standing(host, check, states, alerts, RemedyPhase.Observed, message);
        case RemedyPlan.Refuse(String message) ->
            standing(host, check, states, alerts, RemedyPhase.Refused, message);
        case RemedyPlan.Begin(String message) -> {
          RemedyState intent = intent(check, before, message);
          attempts.put(
              key(policy, host.name(), check.name()),
              new Attempt(String.valueOf(intent.started()), before));
          busy.put(host.name(), check.name());
          states.put(check.name(), intent);
          say(alerts, check, String.valueOf(intent.message()));
          note(false, host, check.name(), RemedyPhase.Running, message);
        }
      }
    }

    private RemedyPlan.Situation situation(
        HostState host,
        Check check,
        Host resource,
        @Nullable AlertState alert,
        @Nullable RemedyState before) {
      return new RemedyPlan.Situation(
          spec.mode() == null ? Mode.Observe : spec.mode(),
          Boolean.TRUE.equals(spec.suspend()),
          check,
          resource.getSpec(),
          host.name(),
          alert,
          before,
          evidence(host, check),
          new RemedyPlan.Others(busy.getOrDefault(host.name(), ""), busy.size(), most));
    }

    /** Where nothing could be done, the cooldown passes first, unless the check says otherwise. */
    private @Nullable Instant busyUntil(String host, Check check, @Nullable AlertState alert) {
      Attempt last = attempts.get(key(policy, host, check.name()));
      if (last == null) {
        return null;
      }
      Attempt.Idle idle = last.idle;
      return idle != null && idle.value().equals(value(alert)) ? idle.until() : last.notBefore;
    }

    private static String value(@Nullable AlertState alert) {
      return alert == null ? "" : String.valueOf(alert.value());
    }

    private RemedyState intent(Check check, @Nullable RemedyState before, String message) {
      String started = now.truncatedTo(ChronoUnit.SECONDS).toString();
      var tries =
          new ArrayList<>(RemedyPlan.tries(before, now).stream().map(Instant::toString).toList());
      tries.add(started);
      return new RemedyState(
          check.name(),
          RemedyPhase.Running,
          started,
          null,
          Text.line("at work since " + started + ": " + message, MESSAGE),
          null,
          tries.subList(Math.max(0, tries.size() - TRIES), tries.size()));
    }

    /** Observed or refused: said once, and again only if it says something else. */
    private void standing(
        HostState host,
        Check check,
        Map<String, RemedyState> states,
        Map<String, AlertState> alerts,
        RemedyPhase phase,
        String message) {
      RemedyState before = states.get(check.name());
      String line = Text.line(message, MESSAGE);
      if (before == null || before.phase() != phase || !line.equals(before.message())) {
        states.put(check.name(), untried(check, phase, before, line));
        note(phase == RemedyPhase.Refused, host, check.name(), phase, message);
      }
      say(alerts, check, line);
    }

    private void say(Map<String, AlertState> alerts, Check check, String message) {
      AlertState alert = alerts.get(check.name());
      if (alert != null) {
        alerts.put(check.name(), with(alert, message));
      }
    }

    private void note(
        boolean warning, HostState host, String check, RemedyPhase phase, String message) {
      news.add(
          new News(
              warning,
              phase == RemedyPhase.Running ? "RemedyStarted" : "Remedy" + phase,
              host.name() + ": " + check + ": " + message));
    }

    private RemedyPlan.Evidence evidence(HostState host, Check check) {
      String work = "";
      Instant badAt = null;
      switch (view.work() instanceof HealthReport.AtWork
          ? view.sightings().get(host.name())
          : null) {
        case Sighting.Looked looked -> {
          work = looked.work();
          Finding finding = Growth.Past.of(policy).findings(host.name(), looked).get(check.name());
          if (finding instanceof Finding.Bad) {
            badAt = looked.at();
          }
        }
        // The pods of a CronJob are read once; what their last look found still stands in status.
        case Sighting.NothingNew _ -> {
          work = host.work() == null ? "" : host.work();
          boolean known =
              host.unknownSince() == null
                  && host.unknown().stream().noneMatch(note -> note.check().equals(check.name()));
          badAt = known ? Letters.instant(view.lastLook()) : null;
        }
        case Sighting.Unseen _, Sighting.NotLookedAt _, Sighting.NotCovered _ -> {
          // Nobody knows.
        }
        case null -> {
          // Nobody knows.
        }
      }
      return new RemedyPlan.Evidence(
          badAt,
          works
              .on(policy.getMetadata().getNamespace(), host.name(), now)
              .map(Work::holder)
              .orElse(work));
    }

    /** What has become of a try that status says is at work. */
    private RemedyState running(
        HostState host, Check check, RemedyState state, @Nullable AlertState alert) {
      Attempt attempt = attempts.get(key(policy, host.name(), check.name()));
      if (attempt == null || !attempt.started.equals(state.started())) {
        String message =
            "the operator was stopped while this was at work, and nobody knows how far it came: "
                + state.message();
        note(true, host, check.name(), RemedyPhase.Interrupted, message);
        ended.add(new EndedTry(host.name(), check.name(), RemedyPhase.Interrupted));
        return ended(
            state,
            RemedyPhase.Interrupted,
            message,
            shelf.find(policy, host.name(), check.name(), String.valueOf(state.started())));
      }
      Result result = attempt.result;
      if (result != null) {
        if (result.idle() && check.remedy() != null) {
          attempt.idle =
              new Attempt.Idle(value(alert), now.plus(RemedyPlan.cooldown(check.remedy())));
        }
        return taken(host, check, state, attempt, result);
      }
      return attempt.thread == null ? begun(host, check, state, attempt) : state;
    }

    /** A person may have changed their mind since the turn that meant to. */
    private RemedyState begun(HostState host, Check check, RemedyState state, Attempt attempt) {
      Optional<String> revoked =
          hosts
              .apply(policy.getMetadata().getNamespace(), host.name())
              .flatMap(
                  resource ->
                      RemedyPlan.revoked(situation(host, check, resource, null, attempt.before)));
      if (revoked.isPresent()) {
        busy.remove(host.name(), check.name());
        String message = "not begun, since by then " + revoked.get();
        news.add(
            new News(false, "RemedyWithdrawn", host.name() + ": " + check.name() + ": " + message));
        return untried(check, RemedyPhase.Refused, attempt.before, message);
      }
      start(host, check, attempt);
      return state;
    }

    private RemedyState taken(
        HostState host, Check check, RemedyState state, Attempt attempt, Result result) {
      String message =
          result.phase() == RemedyPhase.Held
              ? held(host, state, result.message())
              : result.message() + (attempt.unkept ? "; " + UNKEPT : "");
      boolean well = result.phase() == RemedyPhase.Helped;
      if (!result.begun()) {
        attempt.notBefore = now.plus(AFTER_BUSY);
        news.add(
            new News(false, "RemedyWaiting", host.name() + ": " + check.name() + ": " + message));
        return untried(check, RemedyPhase.Refused, attempt.before, message);
      }
      note(!well, host, check.name(), result.phase(), message);
      if (attempt.unkept) {
        news.add(
            new News(
                true, "RemedyRecordNotKept", host.name() + ": " + check.name() + ": " + UNKEPT));
      }
      ended.add(new EndedTry(host.name(), check.name(), result.phase()));
      return ended(state, result.phase(), message, attempt.record);
    }

    /** As it was before, but for what is said of it: it does not count as a try. */
    private static RemedyState untried(
        Check check, RemedyPhase phase, @Nullable RemedyState before, String message) {
      return new RemedyState(
          check.name(),
          phase,
          before == null ? null : before.started(),
          before == null ? null : before.finished(),
          Text.line(message, MESSAGE),
          before == null ? null : before.record(),
          before == null ? List.of() : before.tries());
    }

    /** With a value for the annotation that is new even where the check was held before. */
    private String held(HostState host, RemedyState state, String message) {
      String how =
          "; held until: kubectl -n "
              + policy.getMetadata().getNamespace()
              + " annotate --overwrite hhp "
              + policy.getMetadata().getName()
              + " "
              + Acknowledgement.ANNOTATION
              + "="
              + host.name()
              + "/"
              + state.check()
              + "@"
              + state.started();
      // The command is of no use if it is cut off.
      return Text.line(message, Math.clamp(MESSAGE - how.length(), LEAST_SAID, SAID))
          + how
          + "; what was stopped is started by a person (pm2 start NAME)";
    }

    private RemedyState ended(
        RemedyState state, RemedyPhase phase, String message, @Nullable String record) {
      return new RemedyState(
          state.check(),
          phase,
          state.started(),
          now.truncatedTo(ChronoUnit.SECONDS).toString(),
          Text.line(message, MESSAGE),
          record,
          state.tries());
    }

    private void start(HostState host, Check check, Attempt attempt) {
      if (closed) {
        return;
      }
      attempt.thread =
          Thread.ofVirtual()
              .name("remedy " + host.name() + "/" + check.name())
              .start(() -> carryOut(policy, host.name(), check, attempt));
    }
  }

  private void carryOut(HostHealthPolicy policy, String host, Check check, Attempt attempt) {
    String namespace = policy.getMetadata().getNamespace();
    String name = policy.getMetadata().getName();
    try {
      Result result =
          errand(policy, host, check, text -> keep(policy, host, check, attempt, text, false));
      // What ends a try must not keep its record from being written.
      boolean interrupted = Thread.interrupted();
      if (result.begun() && !result.record().text().isEmpty()) {
        keep(policy, host, check, attempt, result.record().text(), true);
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      attempt.result = result;
    } catch (RuntimeException | Error e) {
      LOG.atError().setCause(e).addKeyValue("host", host).log("a remedy failed");
      attempt.result =
          new Result(
              RemedyPhase.Failed,
              "the operator failed at it: " + e.getClass().getSimpleName(),
              new RemedyRecord(time),
              true);
    }
    news.accept(namespace, name);
  }

  private void keep(
      HostHealthPolicy policy,
      String host,
      Check check,
      Attempt attempt,
      String text,
      boolean ended) {
    String kept = shelf.keep(policy, host, check.name(), attempt.started, text, ended);
    attempt.unkept = kept == null;
    if (kept != null) {
      attempt.record = kept;
    }
  }

  private Result errand(
      HostHealthPolicy policy, String host, Check check, Consumer<String> keeper) {
    String namespace = policy.getMetadata().getNamespace();
    var record = new RemedyRecord(time);
    Optional<Host> resource = hosts.apply(namespace, host);
    Demand demand =
        resource.map(it -> Demands.of(policy.getSpec(), it).get(check.name())).orElse(null);
    if (resource.isEmpty() || demand == null || check.remedy() == null) {
      return new Result(RemedyPhase.Failed, "the host or the check is gone", record, true);
    }
    return switch (accesses.apply(resource.get())) {
      case HostAccesses.Unusable unusable ->
          new Result(RemedyPhase.Failed, unusable.message(), record, true);
      case HostAccesses.Access access -> {
        Growth.Past past = Growth.Past.of(policy);
        var errand =
            new Errand(
                access.host(),
                access.timeout(),
                namespace + "/" + policy.getMetadata().getName(),
                host,
                check.name(),
                demand,
                credentials.apply(namespace),
                check.disk() == null ? "" : check.disk().path(),
                RemedyPlan.steps(check.remedy()),
                seen -> past.judge(host, check, seen.finding(), seen.measured(), time.instant()));
        String by = policy.getKind() + "/" + errand.policy() + "/" + check.name();
        works.begin(namespace, host, by, new Work(errand.holder(), List.of()));
        try {
          yield runner.run(errand, keeper);
        } finally {
          works.end(namespace, host, by);
        }
      }
    };
  }

  private static AlertState with(AlertState alert, @Nullable String remedy) {
    return alert.phase() == Phase.Pending
        ? alert
        : new AlertState(
            alert.check(),
            alert.severity(),
            alert.phase(),
            alert.since(),
            alert.fineSince(),
            alert.value(),
            alert.message(),
            remedy == null ? null : Text.line(remedy, MESSAGE),
            alert.told(),
            alert.toldResolved(),
            alert.lastTold(),
            alert.failingSince(),
            alert.owed());
  }
}
