package dev.drydock.api.v1alpha1.hosthealth;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Formats;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** URLs that must answer. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Urls(
    @Required
        @Size(min = 1, max = 50)
        @JsonPropertyDescription("What is fetched with GET; each must answer with a status of 2xx.")
        List<@Size(max = 1024) @Pattern(Formats.HTTP_URL) String> urls,
    @JsonPropertyDescription("True: fetched on the host itself. Default false: from the pod.")
        @Nullable Boolean viaHost,
    @Size(max = 20)
        @Pattern(Formats.DURATION)
        @JsonPropertyDescription("How long each answer may take. Default 5s.")
        @Nullable String timeout) {

  public Urls {
    urls = urls == null ? List.of() : List.copyOf(urls);
  }
}
