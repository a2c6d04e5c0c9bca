package dev.drydock.probe;

import dev.drydock.kernel.Sizes;
import dev.drydock.kernel.Work;
import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Finding.Impossible;
import dev.drydock.probe.Finding.Planned;
import dev.drydock.probe.Finding.Unknown;
import dev.drydock.probe.Reading.FileSystem;
import dev.drydock.probe.Reading.LoadInfo;
import dev.drydock.probe.Reading.MemoryInfo;
import dev.drydock.probe.Reading.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Holds what a look brought home against what is demanded. */
public final class Evaluation {
  private static final int NAMED = 5;

  private Evaluation() {}

  /**
   * What {@code demand} came to, and whether planned work is to be blamed for it. Never throws for
   * anything that a host printed.
   */
  public static Finding of(Demand demand, Look look) {
    Finding finding = judge(demand, look);
    return finding instanceof Bad bad
        ? look.work()
            .filter(work -> disturbs(work, demand))
            .<Finding>map(work -> planned(work, bad.message()))
            .orElse(bad)
        : finding;
  }

  /** What is wrong because of {@code work}, or at least may be. */
  static Planned planned(Work work, String message) {
    return new Planned(work.holder() + " is at work there: " + message);
  }

  /** Names of the PM2 processes that are at fault; none where the demand is not of them. */
  static List<String> offenders(Demand demand, Look look) {
    try {
      return demand instanceof Demand.Pm2 pm2 ? Pm2Processes.offenders(pm2, look) : List.of();
    } catch (Unreadable e) {
      return List.of();
    }
  }

  /** Units and PM2 processes are told apart one by one, where they are judged. */
  private static boolean disturbs(Work work, Demand demand) {
    return switch (demand) {
      case Demand.Http _, Demand.Urls _, Demand.Prometheus _, Demand.BeaconNode _ ->
          work.touchesServices();
      case Demand.Logs _, Demand.Redis _ -> work.touchesServices();
      default -> work.touchesHost();
    };
  }

  private static Finding judge(Demand demand, Look look) {
    try {
      return switch (demand) {
        case Demand.Units units -> units(units, look);
        case Demand.Memory memory -> memory(memory, memoryInfo(look));
        case Demand.Disk disk -> disk(disk, look);
        case Demand.Load load -> load(load, loadInfo(look));
        case Demand.Swap swap -> swap(swap, memoryInfo(look));
        case Demand.Pm2 pm2 -> Pm2Processes.evaluate(pm2, look);
        case Demand.Http http -> Endpoints.http(http, look);
        case Demand.Urls urls -> Endpoints.urls(urls, look);
        case Demand.Prometheus query -> Endpoints.prometheus(query, look);
        case Demand.BeaconNode node -> Endpoints.beacon(node, look);
        case Demand.Logs logs -> HostChecks.logs(logs, look);
        case Demand.Redis redis -> HostChecks.redis(redis, look);
        case Demand.Postgresql database -> DatabaseChecks.evaluate(database, look);
        case Demand.Command command -> HostChecks.command(command, look);
        case Demand.Sysctl sysctl -> HostChecks.sysctl(sysctl, look);
        case Demand.FileState file -> HostChecks.file(file, look);
        case Demand.Certificate certificate -> HostChecks.certificate(certificate, look);
        case Demand.TimeOffset offset -> Clocks.evaluate(offset, look);
        case Demand.Refused(String why) -> new Unknown(why);
      };
    } catch (Unreadable e) {
      return new Unknown(e.why());
    }
  }

  /** Memory and swap. */
  public static MemoryInfo memoryInfo(Look look) throws Unreadable {
    return Parsers.memory(look.text("meminfo"));
  }

  /** Load averages and CPUs. */
  public static LoadInfo loadInfo(Look look) throws Unreadable {
    return Parsers.load(look.text("loadavg"), look.text("cpus"));
  }

  /** The file system that {@code path} lies on. */
  public static FileSystem fileSystem(String path, Look look) throws Unreadable {
    String section = HostLook.disk(path);
    Look.Section blocks = look.section(section);
    if (blocks.status() == 1) {
      throw new Unreadable("df can't read " + path + ": does it exist on this host?");
    }
    Look.Section inodes = look.section(section + ".inodes");
    return Parsers.fileSystem(look.text(section), inodes.status() == 0 ? inodes.text() : "");
  }

  /**
   * For whoever reads an alert: load, memory and swap in one line, then a line for each process of
   * PM2, where it was asked; empty if nothing is known.
   */
  public static String vitals(Look look) {
    return (own(look) + "\n" + pm2(look)).strip();
  }

  private static String pm2(Look look) {
    try {
      return Pm2Processes.table(Pm2Processes.parse(look.text("pm2")));
    } catch (Unreadable e) {
      return "";
    }
  }

  private static String own(Look look) {
    try {
      LoadInfo load = loadInfo(look);
      MemoryInfo memory = memoryInfo(look);
      return String.format(
          Locale.ROOT,
          "load %.2f %.2f %.2f on %d CPUs; memory %s of %s available; swap %s",
          load.one(),
          load.five(),
          load.fifteen(),
          load.cpus(),
          Sizes.text(memory.available()),
          Sizes.text(memory.total()),
          memory.swapTotal() == 0
              ? "none"
              : Math.round(100.0 * memory.swapUsed() / memory.swapTotal())
                  + " % used ("
                  + memory.swapUsed() / 1024
                  + " KB)");
    } catch (Unreadable e) {
      return "";
    }
  }

  private static Finding units(Demand.Units demand, Look look) throws Unreadable {
    Optional<Work> work = look.work();
    var wrong = new ArrayList<String>();
    var disturbed = new ArrayList<String>();
    if (!demand.active().isEmpty()) {
      List<Unit> seen = Parsers.units(look.text("units"), look.units().size()).units();
      for (String name : demand.active()) {
        String full = HostLook.withSuffix(name);
        Unit unit = seen.get(look.units().indexOf(full));
        List<String> to = work.filter(by -> by.touchesUnit(full)).isPresent() ? disturbed : wrong;
        if (unit.loadState().equals("not-found")) {
          to.add(name + " does not exist");
        } else if (!unit.isActive()) {
          to.add(name + " is " + state(unit));
        }
      }
    }
    if (demand.failedAbove() != null) {
      List<String> failed = Parsers.failedUnits(look.text("failed")).names();
      if (failed.size() > demand.failedAbove()) {
        wrong.add(
            failed.size()
                + " failed: "
                + failed.stream().limit(NAMED).collect(Collectors.joining(", "))
                + (failed.size() > NAMED ? ", …" : ""));
      }
    }
    if (!wrong.isEmpty()) {
      String text = String.join(", ", wrong);
      return new Bad(text, "systemd: " + text);
    }
    return work.filter(_ -> !disturbed.isEmpty())
        .<Finding>map(by -> planned(by, "systemd: " + String.join(", ", disturbed)))
        .orElseGet(() -> new Fine("active"));
  }

  private static String state(Unit unit) {
    boolean telling = !unit.result().isEmpty() && !unit.result().equals("success");
    return unit.activeState() + (telling ? " (" + unit.result() + ")" : "");
  }

  private static Finding memory(Demand.Memory demand, MemoryInfo memory) {
    Long bytes = demand.atLeastBytes();
    if (bytes != null && bytes > memory.total()) {
      return new Impossible(
          Sizes.text(bytes)
              + " can never be available: the host has "
              + Sizes.text(memory.total())
              + " of memory. Lower the limit, or override it for this host");
    }
    String value = Sizes.text(memory.available()) + " of " + Sizes.text(memory.total());
    if (bytes != null && memory.available() < bytes) {
      return new Bad(
          value, "memory available is " + value + ", below the limit of " + Sizes.text(bytes));
    }
    Integer percent = demand.atLeastPercent();
    if (percent != null && 100.0 * memory.available() < (double) percent * memory.total()) {
      return new Bad(
          value, "memory available is " + value + ", below the limit of " + percent + " %");
    }
    return new Fine(value);
  }

  private static Finding disk(Demand.Disk demand, Look look) throws Unreadable {
    FileSystem disk = fileSystem(demand.path(), look);
    Long least = demand.availableBelowBytes();
    if (least != null && least > disk.size()) {
      return new Impossible(
          Sizes.text(least)
              + " can never be available on "
              + demand.path()
              + ": the file system has "
              + Sizes.text(disk.size())
              + ". Lower the limit, or override it for this host");
    }
    String value = disk.usedPercent() + " % of " + Sizes.text(disk.size()) + ", " + left(disk);
    if (demand.usedPercentAbove() != null && disk.usedPercent() > demand.usedPercentAbove()) {
      return new Bad(
          value,
          "disk "
              + demand.path()
              + " is used to "
              + value
              + "; the limit is "
              + demand.usedPercentAbove()
              + " %");
    }
    if (least != null && disk.available() < least) {
      return new Bad(
          value,
          "disk "
              + demand.path()
              + ": "
              + left(disk)
              + ", below the limit of "
              + Sizes.text(least));
    }
    Integer inodes = demand.inodesUsedPercentAbove();
    if (inodes != null && look.section(HostLook.disk(demand.path()) + ".inodes").isLate()) {
      throw new Unreadable("the host took too long to answer this one");
    }
    if (inodes != null && disk.inodesUsedPercent() > inodes) {
      String used = disk.inodesUsedPercent() + " % of inodes";
      return new Bad(
          used, "disk " + demand.path() + ": " + used + " are used; the limit is " + inodes + " %");
    }
    return new Fine(value);
  }

  private static String left(FileSystem disk) {
    return Sizes.text(disk.available()) + " left";
  }

  private static Finding load(Demand.Load demand, LoadInfo load) {
    double average = load.over(demand.minutes());
    String value = decimal(average) + " on " + load.cpus() + (load.cpus() == 1 ? " CPU" : " CPUs");
    String over = "load over " + demand.minutes() + "m is " + value + "; the limit is ";
    if (demand.above() != null && average > demand.above()) {
      return new Bad(value, over + decimal(demand.above()));
    }
    if (demand.abovePerCpu() != null && average > demand.abovePerCpu() * load.cpus()) {
      return new Bad(value, over + decimal(demand.abovePerCpu()) + " for each CPU");
    }
    return new Fine(value);
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static Finding swap(Demand.Swap demand, MemoryInfo memory) {
    if (memory.swapTotal() == 0) {
      return new Fine("no swap");
    }
    long percent = Math.round(100.0 * memory.swapUsed() / memory.swapTotal());
    String value = percent + " % (" + memory.swapUsed() / 1024 + " KB)";
    return 100.0 * memory.swapUsed() > (double) demand.usedPercentAbove() * memory.swapTotal()
        ? new Bad(
            value,
            "swap is used to " + value + "; the limit is " + demand.usedPercentAbove() + " %")
        : new Fine(value);
  }
}
