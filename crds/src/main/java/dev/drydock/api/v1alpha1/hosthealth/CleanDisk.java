package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How disk space is freed. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "(has(self.packageCache) && self.packageCache) ||"
            + " has(self.journalOlderThan) || (has(self.unusedImages) &&"
            + " self.unusedImages)",
    message = "name something to clean: packageCache, journalOlderThan or" + " unusedImages")
public record CleanDisk(
    @JsonPropertyDescription("True: the package manager's cache is emptied.")
        @Nullable Boolean packageCache,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription("Journal entries older than this are removed, for example 30d.")
        @Nullable String journalOlderThan,
    @JsonPropertyDescription("True: container images that nothing uses are removed.")
        @Nullable Boolean unusedImages,
    @Size(max = 50) @JsonPropertyDescription("Nothing below these is ever touched.")
        List<@Size(max = 1024) @Pattern(Formats.ABSOLUTE_PATH) String> protectedPaths) {

  public CleanDisk {
    protectedPaths = protectedPaths == null ? List.of() : List.copyOf(protectedPaths);
  }
}
