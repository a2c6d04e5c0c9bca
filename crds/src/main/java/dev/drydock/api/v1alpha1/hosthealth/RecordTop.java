package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/** Which processes are recorded. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RecordTop(
    @Default("Memory") @JsonPropertyDescription("Memory or Cpu. Default Memory.")
        @Nullable TopOrder by,
    @Default("10") @Min(1) @Max(50) @JsonPropertyDescription("How many. Default 10.")
        @Nullable Integer count) {}
