package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Demands on systemd units. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.units) != has(self.failedUnitsAbove)",
    message = "set exactly one of units and failedUnitsAbove")
@ValidationRule(
    value = "!has(self.units) || self.units.size() > 0",
    message = "name at least one unit")
public record Systemd(
    @Size(max = 50) @JsonPropertyDescription("Units that must be active; .service may be left out.")
        List<@Size(max = 255) @Pattern(Formats.UNIT) String> units,
    @Min(0) @Max(1000) @JsonPropertyDescription("More units than this in state failed is an alert.")
        @Nullable Integer failedUnitsAbove) {

  public Systemd {
    units = units == null ? List.of() : List.copyOf(units);
  }
}
