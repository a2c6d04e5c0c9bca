package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Demands on an Ethereum beacon node. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "has(self.maxSyncDistance) || has(self.validators)",
    message = "set maxSyncDistance, validators, or both")
public record BeaconNode(
    @Required
        @Size(max = 1024)
        @Pattern(Formats.HTTP_URL)
        @JsonPropertyDescription("The node's address, by the standard beacon API.")
        String url,
    @JsonPropertyDescription("True: reached through the host's SSH server.")
        @Nullable Boolean viaHost,
    @Min(0)
        @Max(100000)
        @JsonPropertyDescription("More slots behind the head than this is an alert.")
        @Nullable Integer maxSyncDistance,
    @Size(max = 1000)
        @JsonPropertyDescription(
            "Indices of validators that must be live, by the liveness endpoint.")
        List<@Min(0) Long> validators,
    @Min(1)
        @Max(100)
        @JsonPropertyDescription("Not attesting for more slots than this is an alert. Default 1.")
        @Nullable Integer missedSlotsAbove) {

  public BeaconNode {
    validators = validators == null ? List.of() : List.copyOf(validators);
  }
}
