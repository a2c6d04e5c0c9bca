package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Limits of available memory. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.availableBelow) || has(self.availablePercentBelow)",
    message = "set availableBelow, availablePercentBelow, or both")
public record Memory(
    @Size(max = 20)
        @Pattern(Formats.QUANTITY)
        @JsonPropertyDescription(
            "Less memory available than this is an alert, for example 5Gi. A limit"
                + " that a host can never meet is said in status, and not alerted for.")
        @Nullable String availableBelow,
    @Min(1)
        @Max(99)
        @JsonPropertyDescription(
            "A smaller share of memory available than this is an alert, in percent.")
        @Nullable Integer availablePercentBelow) {}
