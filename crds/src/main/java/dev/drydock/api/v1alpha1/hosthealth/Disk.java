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
import org.jspecify.annotations.Nullable;

/** Limits of a file system. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "has(self.usedPercentAbove) || has(self.availableBelow) ||"
            + " has(self.inodesUsedPercentAbove)",
    message =
        "set at least one of usedPercentAbove, availableBelow and" + " inodesUsedPercentAbove")
public record Disk(
    @Required
        @Size(max = 1024)
        @Pattern(Formats.ABSOLUTE_PATH)
        @JsonPropertyDescription("A path on the file system, for example /.")
        String path,
    @Min(1)
        @Max(99)
        @JsonPropertyDescription(
            "A larger share used than this is an alert, in percent as df counts.")
        @Nullable Integer usedPercentAbove,
    @Size(max = 20)
        @Pattern(Formats.QUANTITY)
        @JsonPropertyDescription("Less space available than this is an alert, for example 10Gi.")
        @Nullable String availableBelow,
    @Min(1)
        @Max(99)
        @JsonPropertyDescription("A larger share of inodes used than this is an alert, in percent.")
        @Nullable Integer inodesUsedPercentAbove) {}
