package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.Check.CheckOverride;
import dev.drydock.api.v1alpha1.hosthealth.Disk;
import dev.drydock.api.v1alpha1.hosthealth.Load;
import dev.drydock.api.v1alpha1.hosthealth.Memory;
import dev.drydock.api.v1alpha1.hosthealth.Swap;
import dev.drydock.api.v1alpha1.hosthealth.Systemd;
import dev.drydock.kernel.Sizes;
import dev.drydock.kube.HostSelector;
import dev.drydock.probe.Demand;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a policy's checks demand of one host. Pure. */
final class Demands {
  private Demands() {}

  /**
   * By the check's name, with the first override that selects the host. Checks of a kind that is
   * not carried out are left out.
   */
  static Map<String, Demand> of(List<Check> checks, String host, Map<String, String> labels) {
    var demands = new LinkedHashMap<String, Demand>();
    for (Check check : checks) {
      demand(check, override(check, host, labels))
          .ifPresent(demand -> demands.put(check.name(), demand));
    }
    return demands;
  }

  /** Whether this version looks at what the check asks for. */
  static boolean isCarriedOut(Check check) {
    return demand(check, null).isPresent();
  }

  private static @Nullable CheckOverride override(
      Check check, String host, Map<String, String> labels) {
    return check.overrides().stream()
        .filter(override -> HostSelector.selects(override.hosts(), host, labels))
        .findFirst()
        .orElse(null);
  }

  private static Optional<Demand> demand(Check check, @Nullable CheckOverride override) {
    if (check.systemd() != null) {
      return Optional.of(units(check.systemd()));
    }
    if (check.memory() != null) {
      return Optional.of(
          memory(
              override != null && override.memory() != null ? override.memory() : check.memory()));
    }
    if (check.disk() != null) {
      return Optional.of(
          disk(override != null && override.disk() != null ? override.disk() : check.disk()));
    }
    if (check.load() != null) {
      return Optional.of(
          load(override != null && override.load() != null ? override.load() : check.load()));
    }
    if (check.swap() != null) {
      return Optional.of(
          swap(override != null && override.swap() != null ? override.swap() : check.swap()));
    }
    return Optional.empty();
  }

  private static Demand units(Systemd systemd) {
    return new Demand.Units(systemd.units(), systemd.failedUnitsAbove());
  }

  private static Demand memory(Memory memory) {
    return new Demand.Memory(bytes(memory.availableBelow()), memory.availablePercentBelow());
  }

  private static Demand disk(Disk disk) {
    return new Demand.Disk(
        disk.path(),
        disk.usedPercentAbove(),
        bytes(disk.availableBelow()),
        disk.inodesUsedPercentAbove());
  }

  private static Demand load(Load load) {
    int minutes =
        switch (load.average()) {
          case FIVE -> 5;
          case FIFTEEN -> 15;
          case ONE -> 1;
          case null -> 1;
        };
    return new Demand.Load(minutes, decimal(load.above()), decimal(load.abovePerCpu()));
  }

  private static Demand swap(Swap swap) {
    return new Demand.Swap(swap.usedPercentAbove());
  }

  private static @Nullable Long bytes(@Nullable String quantity) {
    return quantity == null ? null : Sizes.parse(quantity);
  }

  private static @Nullable Double decimal(@Nullable String text) {
    return text == null ? null : Double.valueOf(text);
  }
}
