package dev.drydock.probe;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a check demands of one host, with the overrides for that host applied. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Demand.Units.class, name = "systemd"),
  @JsonSubTypes.Type(value = Demand.Memory.class, name = "memory"),
  @JsonSubTypes.Type(value = Demand.Disk.class, name = "disk"),
  @JsonSubTypes.Type(value = Demand.Load.class, name = "load"),
  @JsonSubTypes.Type(value = Demand.Swap.class, name = "swap")
})
public sealed interface Demand {

  /**
   * systemd units.
   *
   * @param active units that must be active; a name without a suffix is a service's
   * @param failedAbove more units than this in state failed is wrong; null: not asked
   */
  record Units(List<String> active, @Nullable Integer failedAbove) implements Demand {
    public Units {
      active = List.copyOf(active);
    }
  }

  /**
   * Available memory, as {@code MemAvailable} of proc_meminfo(5) counts it.
   *
   * @param atLeastBytes null: not asked
   * @param atLeastPercent of all memory; null: not asked
   */
  record Memory(@Nullable Long atLeastBytes, @Nullable Integer atLeastPercent) implements Demand {}

  /**
   * The file system that {@code path} lies on.
   *
   * @param usedPercentAbove as df(1) counts: of what is not reserved; null: not asked
   * @param availableBelowBytes null: not asked
   * @param inodesUsedPercentAbove null: not asked
   */
  record Disk(
      String path,
      @Nullable Integer usedPercentAbove,
      @Nullable Long availableBelowBytes,
      @Nullable Integer inodesUsedPercentAbove)
      implements Demand {}

  /**
   * A load average (proc_loadavg(5)).
   *
   * @param minutes 1, 5 or 15
   * @param above for the whole host; null: not asked
   * @param abovePerCpu for each CPU; null: not asked
   */
  record Load(int minutes, @Nullable Double above, @Nullable Double abovePerCpu)
      implements Demand {}

  /** Swap in use, in percent of all swap. */
  record Swap(int usedPercentAbove) implements Demand {}
}
