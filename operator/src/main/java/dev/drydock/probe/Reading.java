package dev.drydock.probe;

import java.util.List;

/** What a host said, in figures. */
public final class Reading {
  private Reading() {}

  /** proc_meminfo(5), in bytes. */
  public record MemoryInfo(long total, long available, long swapTotal, long swapFree) {
    public long swapUsed() {
      return swapTotal - swapFree;
    }
  }

  /** proc_loadavg(5), and how many CPUs are online. */
  public record LoadInfo(double one, double five, double fifteen, int cpus) {
    /** The average over {@code minutes}: 1, 5 or 15. */
    public double over(int minutes) {
      return switch (minutes) {
        case 1 -> one;
        case 5 -> five;
        case 15 -> fifteen;
        default -> throw new IllegalArgumentException("there is no average over " + minutes);
      };
    }
  }

  /** One file system, in bytes and inodes; file systems without inodes have zero of them. */
  public record FileSystem(long size, long used, long available, long inodes, long inodesUsed) {
    /** What a host says is not always possible. */
    private static final int MOST = 999;

    /** As df(1) counts: of what is not reserved for root, rounded up. */
    public int usedPercent() {
      return percent(used, used + available);
    }

    public int inodesUsedPercent() {
      return percent(inodesUsed, inodes);
    }

    private static int percent(long part, long whole) {
      return whole <= 0 ? 0 : (int) Math.min(MOST, Math.ceil(100.0 * part / whole));
    }
  }

  /** One unit, as systemctl(1) {@code show} prints its properties. */
  public record Unit(
      String id, String loadState, String activeState, String subState, String result) {
    public boolean isActive() {
      return activeState.equals("active") || activeState.equals("reloading");
    }
  }

  /** Units in the order in which they were asked for. */
  public record UnitList(List<Unit> units) {
    public UnitList {
      units = List.copyOf(units);
    }
  }

  /** The names of the units that are in state failed. */
  public record FailedUnits(List<String> names) {
    public FailedUnits {
      names = List.copyOf(names);
    }
  }
}
