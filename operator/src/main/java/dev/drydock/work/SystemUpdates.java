package dev.drydock.work;

import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.maintenance.SystemUpdate;
import dev.drydock.api.v1alpha1.maintenance.SystemUpdate.Reboot;
import dev.drydock.api.v1alpha1.maintenance.SystemUpdate.RebootPolicy;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Sizes;
import dev.drydock.kernel.Work;
import dev.drydock.port.Script;
import dev.drydock.work.PackageManager.Change;
import dev.drydock.work.PackageManager.Pending;
import dev.drydock.work.RunNote.Begun;
import dev.drydock.work.Site.Ended;
import dev.drydock.work.WorkAssignment.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Brings a host's packages up to date:
 *
 * <ol>
 *   <li>what an earlier update left undone is mended;
 *   <li>archives are asked, and what they have is fetched: all of that may break off at any time;
 *   <li>it is installed, if there is time for that, which goes on to its end even when the
 *       connection breaks: then all of that is gone through once more;
 *   <li>the host is rebooted, if it has to be and may be, and proves it by a new boot id;
 *   <li>what ran before must run again, and all that is to be verified must be so.
 * </ol>
 */
record SystemUpdates(SystemUpdate spec) implements HostWork {
  private static final Duration SOON = Duration.ofMinutes(2);
  private static final Duration ASKING = Duration.ofMinutes(20);
  private static final Duration LONG = Duration.ofDays(1);
  private static final Duration LOCK = Duration.ofMinutes(30);

  /** What installing may need; an installation that takes longer is left to the host alone. */
  private static final Duration INSTALLING = Duration.ofMinutes(20);

  private static final int NAMED = 5;
  private static final int TRIES = 3;
  private static final String REPAIRED = "an installation that had been broken off was completed";

  @Override
  public List<Permit> permits() {
    return policy() == RebootPolicy.Never
        ? List.of(Permit.Update)
        : List.of(Permit.Update, Permit.Reboot);
  }

  @Override
  public boolean needsRoot(Target target) {
    return true;
  }

  /** Without a reboot, too: packages restart services of their own and of others. */
  @Override
  public List<String> touches() {
    return List.of(Work.HOST);
  }

  private RebootPolicy policy() {
    Reboot reboot = spec.reboot();
    return reboot == null || reboot.policy() == null ? RebootPolicy.IfRequired : reboot.policy();
  }

  private Duration timeout() {
    return spec.reboot() == null
        ? Reboots.TIMEOUT
        : Durations.parse(spec.reboot().timeout(), Reboots.TIMEOUT);
  }

  @Override
  public Duration absence() {
    return timeout().plus(Reboots.STARTUP);
  }

  @Override
  public Duration patience() {
    return policy() == RebootPolicy.Never ? Duration.ZERO : timeout();
  }

  private boolean securityOnly() {
    return Boolean.TRUE.equals(spec.securityOnly());
  }

  @Override
  public boolean isTakenUp() {
    return true;
  }

  @Override
  public Done on(Site site) throws InterruptedException {
    var said = new LinkedHashSet<String>();
    var wrong = new ArrayList<String>();
    Optional<String> left = Optional.empty();
    Optional<String> missing = Optional.empty();
    boolean lost = false;
    try {
      boolean rebooted = isRebooted(site);
      if (rebooted) {
        said.add("rebooted by an earlier pod of this run");
      }
      Begun begun = lasting(site, () -> begin(site));
      Verification verification = Verification.begin(site, spec.verify());
      try {
        var first = new ArrayList<Pending>();
        missing = missing(lasting(site, () -> update(site, first, said)));
        left = reboot(site, begun, rebooted, said);
      } catch (Undone.CutOff e) {
        left = Optional.of(e.why());
      } catch (Undone.Lost e) {
        throw e;
      } catch (Undone e) {
        wrong.addFirst(e.why());
      }
      // What failed may have stopped something, too.
      verification.wrong(site, begun.before()).ifPresent(wrong::add);
      missing.ifPresent(wrong::add);
    } catch (Undone e) {
      lost = e instanceof Undone.Lost;
      wrong.addFirst(e.why());
    }
    if (left.isPresent() && wrong.isEmpty()) {
      return Done.cutOff(left.get(), List.copyOf(said));
    }
    left.ifPresent(wrong::add);
    Done done = Done.of(wrong, List.copyOf(said));
    return lost ? done.ofLost() : done;
  }

  private static Optional<String> missing(List<String> unreachable) {
    return unreachable.isEmpty()
        ? Optional.empty()
        : Optional.of(
            unreachable.size()
                + (unreachable.size() == 1 ? " archive" : " archives")
                + " gave no valid answer, so something may be missing: "
                + few(unreachable));
  }

  /** Writes down that it begins; what an earlier pod of the same run has begun goes on. */
  private static Begun begin(Site site) throws Undone, InterruptedException {
    Optional<Begun> earlier = site.earlier();
    if (earlier.isPresent()) {
      return earlier.get();
    }
    Begun begun = site.begins(Before.look(site));
    begun.leave(site);
    return begun;
  }

  /** Whether an earlier pod of the same run has done it. */
  private boolean isRebooted(Site site) throws Undone, InterruptedException {
    Optional<Begun> earlier = site.earlier().filter(Begun::isRebooting);
    if (earlier.isEmpty()) {
      return false;
    }
    site.awaitRebootTurn();
    return Reboots.isDone(site, earlier.get().bootId(), timeout());
  }

  /** Something that may be done twice. */
  private interface Part<T> {
    T does() throws Undone, InterruptedException;
  }

  /** Does again what a lost connection has broken off; the host is waited for. */
  private static <T> T lasting(Site site, Part<T> part) throws Undone, InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        return part.does();
      } catch (Undone.ConnectionLost e) {
        if (tries >= TRIES) {
          throw e;
        }
        site.say("lock", e.why() + "; what was being installed goes on there by itself");
        site.forgetSessions();
        Optional<String> problem = site.lockAgain(LOCK);
        if (problem.isPresent()) {
          throw new Undone(e.why() + ", and then: " + problem.get());
        }
      }
    }
  }

  /**
   * Returns archives that gave no answer.
   *
   * @param first what was to be installed when that was asked first: it is done if a later try
   *     finds nothing of it left
   */
  private List<String> update(Site site, List<Pending> first, Set<String> said)
      throws Undone, InterruptedException {
    PackageManager manager = manager(site);
    if (securityOnly() && !manager.knowsSecurity()) {
      throw new Undone(
          manager.name()
              + "'s archives do not tell security updates from others: leave securityOnly out");
    }
    repair(site, manager, said);
    Ended refreshed = site.run("ask the archives", manager.refresh(), ASKING);
    List<String> unreachable = manager.unreachable(refreshed.output());
    if (!refreshed.isFine() && unreachable.isEmpty()) {
      throw failure(manager, refreshed);
    }
    Pending pending = pending(site, manager);
    if (first.isEmpty()) {
      first.add(pending);
    }
    if (!pending.changes().isEmpty()) {
      install(site, manager, pending);
    }
    said.add(installed(site, manager, first.getFirst()));
    if (!pending.heldBack().isEmpty()) {
      said.add(pending.heldBack().size() + " held back (" + few(pending.heldBack()) + ")");
    }
    if (!Boolean.FALSE.equals(spec.autoremove())) {
      Ended cleaned = site.runToItsEnd("clean up", manager.clean(), ASKING);
      if (!cleaned.isFine()) {
        throw failure(manager, cleaned);
      }
      int removed = manager.removed(cleaned.output());
      if (removed > 0) {
        said.add(removed + " removed that nothing needs");
      }
    }
    return unreachable;
  }

  private static PackageManager manager(Site site) throws Undone, InterruptedException {
    Ended found =
        site.run("see how packages come", Script.of(PackageManager.DETECT, List.of()), SOON);
    return PackageManager.named(found.output())
        .orElseThrow(() -> new Undone("the host has neither apt-get nor dnf nor apk"));
  }

  private static void repair(Site site, PackageManager manager, Set<String> said)
      throws Undone, InterruptedException {
    Ended repaired = site.runToItsEnd("mend what was left undone", manager.repair(), LONG);
    if (!repaired.isFine()) {
      throw failure(manager, repaired);
    }
    if (repaired.output().startsWith("repaired")) {
      said.add(REPAIRED);
    }
  }

  private Pending pending(Site site, PackageManager manager) throws Undone, InterruptedException {
    Ended asked = site.run("see what is new", manager.pending(securityOnly()), ASKING);
    if (!manager.isAnswer(asked.status())) {
      throw failure(manager, asked);
    }
    return manager.read(asked.output(), securityOnly());
  }

  private void install(Site site, PackageManager manager, Pending pending)
      throws Undone, InterruptedException {
    site.demand("install", INSTALLING);
    Ended fetched = site.run("fetch", manager.download(securityOnly(), pending.changes()), LONG);
    if (!fetched.isFine()) {
      throw failure(manager, fetched);
    }
    site.demand("install", INSTALLING);
    site.say("install", "installing " + names(pending.changes()));
    Ended installed =
        site.runToItsEnd("install", manager.install(securityOnly(), pending.changes()), LONG);
    if (!installed.isFine()) {
      throw failure(manager, installed);
    }
  }

  /** Sees that nothing is half done, and says what was. */
  private String installed(Site site, PackageManager manager, Pending wanted)
      throws Undone, InterruptedException {
    if (wanted.changes().isEmpty()) {
      return securityOnly() ? "no security updates" : "nothing to upgrade";
    }
    Ended audit = site.run("see what is half installed", manager.audit(), SOON);
    if (!audit.output().isBlank()) {
      throw new Undone(
          "packages are half installed; the next run tries to mend that: "
              + PackageManager.last(audit.output(), 4));
    }
    return wanted.changes().size()
        + (wanted.changes().size() == 1 ? " package" : " packages")
        + " upgraded ("
        + names(wanted.changes())
        + ")"
        + size(wanted.bytes());
  }

  /**
   * Returns why a reboot that is due was not made.
   *
   * @param rebooted whether it was already, in this run
   */
  private Optional<String> reboot(Site site, Begun begun, boolean rebooted, Set<String> said)
      throws Undone, InterruptedException {
    Reboots.Need need = lasting(site, () -> Reboots.need(site));
    String because = because(need);
    boolean due =
        switch (policy()) {
          case Never -> false;
          case IfRequired -> need.required();
          case Always -> !rebooted && !isRebooted(site);
        };
    if (!due) {
      if (need.required() && policy() == RebootPolicy.Never) {
        said.add("a reboot is needed" + because + ", and reboot.policy is Never");
      }
      return Optional.empty();
    }
    site.awaitRebootTurn();
    String still =
        "a reboot is still "
            + (need.required() ? "needed" + because : "due, since reboot.policy is Always")
            + ": ";
    // The lock may have been lost meanwhile.
    lasting(site, () -> Reboots.need(site));
    Optional<String> against = site.againstReboot(timeout());
    if (against.isPresent()) {
      return Optional.of(still + against.get());
    }
    if (site.isRunFailed()) {
      throw new Undone(still + "more hosts have failed than strategy.maxFailures allows");
    }
    boolean always = policy() == RebootPolicy.Always;
    Duration took =
        Reboots.reboot(
            site, timeout(), always ? "reboot.policy is Always" : "it is needed" + because, begun);
    said.add(
        "rebooted in " + Durations.text(took) + (always ? "" : ", which was needed" + because));
    Optional<Reboots.Need> after = Reboots.stillNeeded(site);
    if (after.isPresent()) {
      throw new Undone(
          "it was rebooted, and still needs that"
              + because(after.get())
              + ": see what it boots, or each run reboots it again");
    }
    return Optional.empty();
  }

  private static String because(Reboots.Need need) {
    return need.because().isEmpty() ? "" : " by " + need.because();
  }

  private static Undone failure(PackageManager manager, Ended ended) {
    return new Undone(PackageManager.advice(manager.name(), ended.status(), ended.output()));
  }

  private static String size(OptionalLong bytes) {
    return bytes.isPresent() && bytes.getAsLong() > 0
        ? ", " + Sizes.text(bytes.getAsLong()) + "B fetched"
        : "";
  }

  private static String names(List<Change> changes) {
    return few(changes.stream().map(Change::text).toList());
  }

  private static String few(List<String> texts) {
    return texts.stream().limit(NAMED).collect(Collectors.joining(", "))
        + (texts.size() > NAMED ? ", … " + (texts.size() - NAMED) + " more" : "");
  }
}
