package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is done when a check fails. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Remedy(
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription("Time between two tries on one host. Default 30m.")
        @Nullable String cooldown,
    @Min(1) @Max(100) @JsonPropertyDescription("Tries on one host in 24 hours. Default 3.")
        @Nullable Integer maxPerDay,
    @Required
        @Size(min = 1, max = 10)
        @JsonPropertyDescription(
            "What is done, in this order; it stops as soon as the check is fine" + " again.")
        List<RemedyStep> steps) {

  public Remedy {
    steps = steps == null ? List.of() : List.copyOf(steps);
  }
}
