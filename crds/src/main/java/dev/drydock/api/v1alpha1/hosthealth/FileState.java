package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Demands on a file. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FileState(
    @Required
        @Size(max = 1024)
        @Pattern(Formats.ABSOLUTE_PATH)
        @JsonPropertyDescription("The file.")
        String path,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription(
            "A file changed longer ago than this is an alert, for example 26h.")
        @Nullable String olderThan,
    @Size(max = 20)
        @Pattern(Formats.QUANTITY)
        @JsonPropertyDescription("A larger file than this is an alert, for example 1Gi.")
        @Nullable String largerThan,
    @Size(max = 20)
        @Pattern(Formats.QUANTITY)
        @JsonPropertyDescription("A smaller file than this is an alert.")
        @Nullable String smallerThan) {}
